"""Every page: for everyone, at any width, light and dark, with and without JavaScript."""

import importlib
from typing import Any

import pytest

from tests.browser.browsing import PAGES, Visit
from tests.browser.conftest import OpenVisit

WIDTHS = (360, 768, 1280, 1920)
MAX_TRANSFER = 100_000  # bytes of a page and all it needs, without pictures
BACKGROUND = ("/live", "/stories/live")


def find_violations(visit: Visit) -> list[str]:
    axe: Any = importlib.import_module("axe_playwright_python.sync_playwright").Axe()
    result = axe.run(visit.page)
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in result.response["violations"]
        for node in violation["nodes"]
    ]


def find_details(visit: Visit) -> list[str]:
    """A story, an article, a cause of rejections, and a rejected seed of it."""
    visit.newsroom.seedwire("drop", "-", text="no seed")
    paths = [find_story(visit)]
    for start in ("/articles", "/rejected", None):
        if start:
            visit.open(start)
        else:
            visit.open(paths[-1])
        paths.append(str(visit.page.locator("td.title a").first.get_attribute("href")))
    return paths


def find_story(visit: Visit) -> str:
    visit.open("/stories")
    return str(visit.page.locator("h2.title a").first.get_attribute("href"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(visit_as: OpenVisit, scheme: str):
    visit = visit_as("ann", color_scheme=scheme)
    for path in (*PAGES, *find_details(visit), "/runbook", "/nothing"):
        visit.open(path)
        assert find_violations(visit) == [], path


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_window(visit_as: OpenVisit, width: int):
    visit = visit_as("ann", viewport={"width": width, "height": 800})
    for path in (*PAGES, *find_details(visit)):
        visit.open(path)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_log_need_not_be_scrolled_sideways_on_a_telephone(visit_as: OpenVisit):
    visit = visit_as("ann", viewport={"width": WIDTHS[0], "height": 800})
    seedwire = visit.newsroom.seedwire
    seedwire("drop", "-", text="no seed")
    record_id = seedwire.json("rejected", "list", "--all")[0]["id"]
    seedwire("rejected", "dismiss", record_id, "--reason", "a reason of some length " * 5)
    visit.open("/log")
    table = visit.page.locator("main .scroll")
    assert table.evaluate("region => region.scrollWidth - region.clientWidth") == 0


def test_no_page_transfers_more_than_100_kilobytes_without_pictures(visit_as: OpenVisit):
    visit = visit_as("ann")
    for path in (*PAGES, find_story(visit)):
        sizes: list[int] = []

        def count(response: Any, sizes: list[int] = sizes) -> None:
            is_stream = "event-stream" in response.headers.get("content-type", "")
            if not is_stream and response.request.resource_type != "image":
                sizes.append(int(response.headers.get("content-length", 0)))

        visit.page.on("response", count)
        visit.open(path)
        visit.page.remove_listener("response", count)
        assert 0 < sum(sizes) <= MAX_TRANSFER, path


@pytest.mark.parametrize("has_scripts", [True, False])
def test_every_page_is_reached_by_the_navigation_and_has_its_landmarks(
    visit_as: OpenVisit, has_scripts: bool
):
    expect: Any = importlib.import_module("playwright.sync_api").expect
    visit = visit_as("ann", java_script_enabled=has_scripts)
    names = visit.page.locator("nav[aria-label=Pages] a").all_inner_texts()
    assert len(names) >= len(PAGES)
    for name in names:
        visit.page.get_by_role("link", name=name, exact=True).first.click()
        expect(visit.page.locator("nav [aria-current=page]")).to_have_text(name)
        expect(visit.page.locator("main")).to_have_count(1)
        expect(visit.page.locator("h1")).to_have_count(1)


def test_the_first_key_leads_past_the_navigation(visit_as: OpenVisit):
    visit = visit_as("ann")
    visit.open("/stories")
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("Enter")
    assert visit.page.evaluate("document.activeElement.id") == "main"


def test_times_are_in_the_readers_zone(visit_as: OpenVisit):
    visit = visit_as(timezone_id="Asia/Kolkata", locale="en-GB")
    visit.open(find_story(visit))
    shown = visit.page.locator("time").first
    utc = str(shown.get_attribute("title"))
    assert utc.endswith("UTC")
    hours, minutes = (int(part) for part in utc.split()[1].split(":")[:2])
    local = divmod(hours * 60 + minutes + 330, 60)  # five hours and a half later
    assert f"{local[0] % 24:02}:{local[1]:02}" in shown.inner_text()
