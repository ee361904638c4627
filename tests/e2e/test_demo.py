"""The demo: the main job from nothing, as `make demo` runs it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.embedded

LEADS = {
    126: "harbour",
    101: "comet",
    98: "ferry",
    94: "cup final",
    89: "barley",
    78: "bridge",
    72: "night tram",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def seedwire(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEEDWIRE_")}
    command = [sys.executable, "-m", "services.console", *arguments]
    environment = {**kept, "SEEDWIRE_HOME": str(home)}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


@pytest.fixture(scope="module")
def demo(home: Path) -> subprocess.CompletedProcess[str]:
    return seedwire(home, "demo")


@pytest.fixture(scope="module")
def articles(demo: subprocess.CompletedProcess[str], home: Path) -> list[dict]:
    """What `list` says once nothing runs any more."""
    return [
        json.loads(line) for line in seedwire(home / "demo", "list", "--json").stdout.splitlines()
    ]


def test_it_ends_well_and_leaves_nothing_running(
    demo: subprocess.CompletedProcess[str], home: Path
):
    assert demo.returncode == 0, demo.stderr
    assert seedwire(home / "demo", "down").stdout.startswith("nothing runs")
    left = subprocess.run(
        ["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True
    ).stdout
    assert str(home) not in left


def test_its_end_state_audits_clean(demo: subprocess.CompletedProcess[str]):
    (audited,) = [line for line in demo.stdout.splitlines() if line.startswith("audit:")]
    assert re.fullmatch(r"audit: 20 articles, \d+ events, 0 breaches", audited)


def test_seven_stories_are_published(articles: list[dict]):
    published = [article for article in articles if article["published"]]
    assert sorted((a["heat"] for a in published), reverse=True) == list(LEADS)
    assert all(a["lead"] == a["id"] for a in published)
    assert all(a["related"] for a in published)
    measured = [image for a in published for image in a.get("images") or [] if image["isCached"]]
    assert len(measured) >= 5


def test_the_lead_of_the_harbour_was_taken_over(
    articles: list[dict], demo: subprocess.CompletedProcess[str]
):
    (winner,) = [a for a in articles if a["heat"] == 126]
    loser = next(a for a in articles if a["lead"] == winner["id"] and a["revision"] > 1)
    assert loser["heat"] == -1
    retracted = demo.stdout.split("Published once, and retracted")[1].split("Never published")[0]
    assert loser["title"] in retracted


def test_one_below_the_bar_is_named_with_its_reason(demo: subprocess.CompletedProcess[str]):
    assert re.search(r"44 +Wickenfell", demo.stdout)


def test_two_rejects_are_shown_with_their_lines(demo: subprocess.CompletedProcess[str], home: Path):
    assert len(re.findall(r"\n  rejected ", demo.stdout)) == 2
    rejected = [
        json.loads(line)
        for line in seedwire(home / "demo", "rejected", "list", "--json").stdout.splitlines()
    ]
    assert [len(record["errors"]) for record in sorted(rejected, key=lambda r: r["path"])] == [1, 3]
    assert all(error["line"] for record in rejected for error in record["errors"])


def test_a_picture_that_is_not_there_is_not_cached(articles: list[dict]):
    (image,) = [i for a in articles for i in a.get("images") or [] if "anchorage" in i["url"]]
    assert image["isCached"] is False


def test_an_article_without_a_picture_has_the_one_of_its_page(articles: list[dict]):
    (article,) = [a for a in articles if "Ambleworth" in a["title"]]
    (image,) = article["images"]
    assert (image["isFound"], image["isCached"], image["width"]) == (True, True, 1000)
    assert article["ampWebUrl"].endswith("/amp/ambleworth-painting.html")
    assert article["filledIn"] == ["ampWebUrl"]


def test_a_page_that_robots_txt_guards_gives_none(articles: list[dict]):
    (article,) = [a for a in articles if a["title"].startswith("Container ships queue")]
    assert [image["isCached"] for image in article["images"]] == [False]


def test_every_kept_picture_is_sound_and_on_the_sheet(
    demo: subprocess.CompletedProcess[str], home: Path, tmp_path: Path
):
    checked = seedwire(home / "demo", "images", "check")
    assert checked.returncode == 0, checked.stdout
    assert (
        seedwire(home / "demo", "images", "gc", "--dry-run").stdout
        == "0 would be deleted, 0 bytes\n"
    )
    assert (
        "17 of them kept"
        in seedwire(home / "demo", "images", "sheet", str(tmp_path / "sheet.png")).stdout
    )


def test_dropping_its_export_changes_nothing(
    demo: subprocess.CompletedProcess[str], home: Path, tmp_path: Path
):
    exported = seedwire(home / "demo", "export", str(tmp_path / "out"))
    assert exported.returncode == 0
    files = list((tmp_path / "out").glob("*.md"))
    try:
        assert seedwire(home / "demo", "up", "--detach", "--only", "ingest").returncode == 0
        dropped = seedwire(home / "demo", "drop", "--json", str(tmp_path / "out"))
        statuses = [json.loads(line)["status"] for line in dropped.stdout.splitlines()]
        assert statuses == ["unchanged"] * len(files)
    finally:
        seedwire(home / "demo", "down")
