"""Titles, fields and reasons that want to be more than text: no page lets them."""

from pathlib import Path

import pytest

from tests.browser.browsing import Newsroom, Visit
from tests.browser.conftest import OpenVisit

HOSTILE = (
    "<script>alert('title')</script>",
    "\"><img src=x onerror=alert('attribute')>",
    "' onmouseover='alert(1)' style='position:fixed",
    "{{ 7 * 7 }}{% debug %}${alert(1)}",
    "\u202egnp.exe\u2066 hidden \u200b\u0007",
    "<svg/onload=alert('svg')>",
    "</textarea></title><iframe src=https://evil.example>",
    "hx-get=https://evil.example hx-trigger=load",
)
MAX_PAGES = 150


@pytest.fixture
def hostile_newsroom(newsroom: Newsroom, folder: Path) -> Newsroom:
    seeds = [write_seed(number, text) for number, text in enumerate(HOSTILE)]
    newsroom.write(folder, *seeds)
    newsroom.seedwire("drop", str(folder))
    newsroom.seedwire("wait")
    return newsroom


def write_seed(number: int, text: str) -> str:
    quoted = "".join(rf"\u{ord(letter):04x}" for letter in text)
    image = "https://evil.example/p.png?<script>"
    return (
        f'---\ntitle: "{quoted}"\nexcerpt: "{quoted}"\npublishedDateTime: 2026-03-02T10:00:00Z\n'
        f'webUrl: "https://hostile.example/{number}"\nquality: {75 + number}\n'
        f'provider: {{name: "{quoted}", domain: hostile.example}}\ntopics: ["{quoted}"]\n'
        f'images: [{{url: "{image}", width: 1, height: 1, title: "{quoted}"}}]\n'
        f'secured: "Y2FuYXJ5;Y2FuYXJ5{number}"\nextra: {{"{quoted}": "{quoted}"}}\n---\n'
    )


def test_a_crawl_finds_text_alone(visit_as: OpenVisit, hostile_newsroom: Newsroom):
    """The window notices dialogs, breaches of the policy and foreign requests by itself."""
    visit = visit_as("<b>eve</b>")
    crawled = crawl(visit)
    assert len(crawled) >= 20
    assert any("\\u202egnp.exe" in text for text in crawled.values())
    assert not any("\u202e" in text for text in crawled.values())
    assert not any("Y2FuYXJ5" in text for text in crawled.values())


def crawl(visit: Visit) -> dict[str, str]:
    """The HTML of every page that links lead to, by path."""
    waiting = ["/", "/stories?published=all&order=time"]
    seen: dict[str, str] = {}
    while waiting and len(seen) < MAX_PAGES:
        path = waiting.pop(0)
        if path in seen:
            continue
        visit.open(path)
        seen[path] = visit.page.content()
        links = visit.page.eval_on_selector_all(
            "a[href]", "links => links.map(link => link.getAttribute('href'))"
        )
        waiting += [link for link in links if link.startswith("/") and link not in seen]
    return seen
