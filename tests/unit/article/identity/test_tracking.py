"""Tracking parameters: the pinned list, the tool that makes it, and what is never removed."""

import json
from pathlib import Path

import pytest

from shared.article.identity.tracking import is_tracking
from tools.tracking_rules import NAMING, TARGET, build_rules, list_hosts

RULES_JS = """module.exports = [
    {
        name: 'Global',
        match: /.*/,
        rules: [
            // https://campaigns.example/about
            'utm_source', 'Camp_X', 'id',
            'p', // a page, on most sites
        ]
    },
    {
        name: 'shop.example',
        match: /^(?:https?:\\/\\/)?(?:[^.]+\\.)?shop.example/i,
        rules: ['ref', 'item'],
        allow: ['size']
    },
    {
        name: 'redirect.example',
        match: /redirect.example/i,
        redirect: 'u'
    },
    {
        name: 'many.example',
        match: /many\\.(co.example|net.example)/i,
        rules: ['from']
    },
    {
        name: 'anything.example',
        match: /anything\\.[a-z0-9]{0,3}/i,
        rules: ['from']
    },
    {
        name: 'path.example',
        match: /path.example\\/link/i,
        match_href: true,
        rules: ['from']
    }
]
"""


def write_package(folder: Path, newline: str = "\n") -> Path:
    (folder / "data").mkdir()
    source = RULES_JS.replace("\n", newline)
    (folder / "data" / "rules.js").write_bytes(source.encode())
    about = {"name": "tidy-url", "version": "1.0.0", "license": "MIT"}
    (folder / "package.json").write_text(json.dumps(about))
    return folder


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_tool_reads_names_and_hosts_and_leaves_out_what_may_name_a_page(
    tmp_path: Path, newline: str
) -> None:
    rules = build_rules(write_package(tmp_path, newline))
    assert rules["source"] == "npm package tidy-url 1.0.0, data/rules.js"
    assert rules["licence"] == "MIT"
    assert rules["anywhere"] == ["camp_x", "utm_source"]
    assert rules["hosts"] == {
        "many.co.example": ["from"],
        "many.net.example": ["from"],
        "shop.example": ["ref"],
    }


@pytest.mark.parametrize(
    ("pattern", "hosts"),
    [
        (r"www.paper.example", ["paper.example"]),
        (r".*.paper.example", ["paper.example"]),
        (r"^(www|blog).paper.example", ["paper.example"]),
        (r"^(?:.*\.|)paper\.example", ["paper.example"]),
        (r"paper\.[a-z]{2}", []),
        (r"[&?]source=x$", []),
    ],
)
def test_only_plain_hosts_are_read_from_a_pattern(pattern: str, hosts: list[str]) -> None:
    assert list_hosts(pattern) == hosts


def test_the_pinned_list_names_its_source_and_nothing_that_may_name_a_page() -> None:
    pinned = json.loads(TARGET.read_text())
    assert pinned["source"].startswith("npm package tidy-url 1.18.3")
    assert pinned["licence"] == "MIT"
    assert len(pinned["anywhere"]) > 100
    assert len(pinned["hosts"]) > 100
    for names in (pinned["anywhere"], *pinned["hosts"].values()):
        assert NAMING.isdisjoint(names)


@pytest.mark.parametrize("name", sorted(NAMING - {"s", "t", "sp"}))
def test_what_may_name_a_page_is_removed_nowhere(name: str) -> None:
    assert not is_tracking("paper.example", f"{name}=1")
    assert not is_tracking("nytimes.com", f"{name}=rss")


@pytest.mark.parametrize(
    ("host", "parameter", "is_tracker"),
    [
        ("paper.example", "utm_anything=1", True),
        ("paper.example", "UTM_SOURCE=1", True),
        ("paper.example", "fbclid", True),
        ("paper.example", "ref=newsletter-2021-03", True),
        ("paper.example", "ref=2021-03", False),
        ("paper.example", "ref=rssi", False),
        ("paper.example", "source=", False),
        ("paper.example", "mod=article_inline", False),
        ("wsj.com", "mod=article_inline", True),
        ("blogs.wsj.com", "mod=article_inline", True),
        ("notwsj.com", "mod=article_inline", False),
    ],
)
def test_what_tracks_a_reader(host: str, parameter: str, is_tracker: bool) -> None:
    assert is_tracking(host, parameter) == is_tracker
