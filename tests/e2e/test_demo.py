"""The demo: everything from nothing, as `make demo` runs it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(600)]

Result = subprocess.CompletedProcess[str]
Article = dict[str, Any]

LEADS = {
    126: "harbour",
    101: "comet",
    98: "ferry",
    94: "cup final",
    89: "barley",
    78: "bridge",
    72: "night tram",
}
"""The published leads by their heat, hottest first."""


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


def seedwire(state_dir: Path, *arguments: str, **settings: str) -> Result:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("SEEDWIRE_")
    }
    return subprocess.run(
        [sys.executable, "-m", "services.console", *arguments],
        cwd=ROOT,
        env={**inherited, "SEEDWIRE_HOME": str(state_dir), **settings},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


def read_json(state_dir: Path, *arguments: str) -> list[dict[str, Any]]:
    output = seedwire(state_dir, *arguments, "--json").stdout
    return [json.loads(line) for line in output.splitlines()]


@pytest.fixture(scope="module")
def demo(state_dir: Path) -> Result:
    return seedwire(state_dir, "demo")


@pytest.fixture(scope="module")
def articles(demo: Result, state_dir: Path) -> list[Article]:
    """The output of `list` after the demo, when nothing runs any more."""
    return read_json(state_dir / "demo", "list")


def test_it_succeeds_and_leaves_nothing_running(demo: Result, state_dir: Path):
    assert demo.returncode == 0, demo.stderr
    assert seedwire(state_dir / "demo", "down").stdout.startswith("nothing runs")
    processes = subprocess.run(
        ["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True
    )
    assert str(state_dir) not in processes.stdout


def test_its_final_state_passes_the_audit(demo: Result):
    (audit,) = [line for line in demo.stdout.splitlines() if line.startswith("audit:")]
    assert re.fullmatch(r"audit: 20 articles, \d+ events, 0 breaches", audit)


def test_seven_stories_are_published(articles: list[Article]):
    published = [article for article in articles if article["published"]]
    assert sorted((article["heat"] for article in published), reverse=True) == list(LEADS)
    assert all(article["lead"] == article["id"] for article in published)
    assert all(article["related"] for article in published)
    images = [image for article in published for image in article.get("images") or []]
    assert sum(image["isCached"] for image in images) >= 5


def test_the_lead_of_the_harbour_story_was_replaced(articles: list[Article], demo: Result):
    (lead,) = [article for article in articles if article["heat"] == 126]
    former_lead = next(
        article for article in articles if article["lead"] == lead["id"] and article["revision"] > 1
    )
    assert former_lead["heat"] == -1
    retracted = demo.stdout.split("Published once, and retracted")[1].split("Never published")[0]
    assert former_lead["title"] in retracted


def test_an_article_below_the_publish_threshold_is_listed_with_its_heat(demo: Result):
    assert re.search(r"44 +Wickenfell", demo.stdout)


def test_two_rejected_seeds_are_shown_with_their_lines(demo: Result, state_dir: Path):
    assert len(re.findall(r"\n  rejected ", demo.stdout)) == 2
    records = read_json(state_dir / "demo", "rejected", "list")
    records.sort(key=lambda record: record["path"])
    assert [len(record["errors"]) for record in records] == [1, 3]
    assert all(error["line"] for record in records for error in record["errors"])


def test_an_image_that_does_not_exist_is_not_cached(articles: list[Article]):
    images = [image for article in articles for image in article.get("images") or []]
    (image,) = [image for image in images if "anchorage" in image["url"]]
    assert image["isCached"] is False


def test_an_article_without_an_image_has_the_one_of_its_page(articles: list[Article]):
    (article,) = [article for article in articles if "Ambleworth" in article["title"]]
    (image,) = article["images"]
    assert (image["isFound"], image["isCached"], image["width"]) == (True, True, 1000)
    assert article["ampWebUrl"].endswith("/amp/ambleworth-painting.html")
    assert article["filledIn"] == ["ampWebUrl"]


def test_a_page_that_robots_txt_forbids_gives_no_image(articles: list[Article]):
    (article,) = [
        article for article in articles if article["title"].startswith("Container ships queue")
    ]
    assert [image["isCached"] for image in article["images"]] == [False]


def test_every_stored_image_is_sound_and_on_the_contact_sheet(
    demo: Result, state_dir: Path, tmp_path: Path
):
    checked = seedwire(state_dir / "demo", "images", "check")
    assert checked.returncode == 0, checked.stdout
    garbage = seedwire(state_dir / "demo", "images", "gc", "--dry-run")
    assert garbage.stdout == "0 would be deleted, 0 bytes\n"
    sheet = seedwire(state_dir / "demo", "images", "sheet", str(tmp_path / "sheet.png"))
    assert "17 of them kept" in sheet.stdout


def test_dropping_its_export_changes_nothing(demo: Result, state_dir: Path, tmp_path: Path):
    folder = tmp_path / "out"
    assert seedwire(state_dir / "demo", "export", str(folder)).returncode == 0
    files = list(folder.glob("*.md"))
    up = ("up", "--detach", "--only", "ingest")
    try:
        started = seedwire(state_dir / "demo", *up, SEEDWIRE_BROKER_PORT="0")
        assert started.returncode == 0, started.stdout + started.stderr
        receipts = read_json(state_dir / "demo", "drop", str(folder))
        assert [receipt["status"] for receipt in receipts] == ["unchanged"] * len(files)
    finally:
        seedwire(state_dir / "demo", "down")
