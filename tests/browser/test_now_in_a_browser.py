"""/: what it says is true while something is wrong, and it says so by itself."""

import os
import re
import signal
import time
from pathlib import Path
from typing import Any

from tests.browser.browsing import Newsroom
from tests.browser.conftest import OpenVisit
from tests.e2e.console import SEED

FORGED = "1999-01-01T00:00:00Z"
WAITING = 7


def test_with_ingest_stopped_the_page_says_what_waits_and_for_how_long(
    visit_as: OpenVisit, newsroom: Newsroom, folder: Path
):
    visit = visit_as()
    visit.open("/")
    (pid,) = [
        service["pid"]
        for service in newsroom.seedwire.working_services().values()
        if service["name"] == "ingest"
    ]
    seeds = [SEED.format(f"waits-{number}") for number in range(WAITING)]
    newsroom.write(folder, *(re.sub(r"2026-\S*", FORGED, seed) for seed in seeds))
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert newsroom.seedwire("drop", "--no-wait", str(folder)).returncode == 0
        row = visit.page.locator("tr", has=visit.page.get_by_role("rowheader", name="ingest"))
        cells = row.locator("td")
        cells.first.filter(has_text=re.compile(f"^{WAITING}$")).wait_for()  # without a reload
        shown = read_seconds(cells.nth(1).inner_text())
        assert shown <= time.monotonic() - began + 1  # whatever the seeds say of their age
        visit.page.locator(".lede", has_text="Ingest is").wait_for()
        visit.page.get_by_role("link", name="what to do").first.wait_for()
    finally:
        os.kill(pid, signal.SIGCONT)
    visit.page.locator(".lede", has_text=re.compile("All is")).wait_for()
    assert newsroom.seedwire("wait").returncode == 0


def test_the_page_is_live_however_late_its_scripts_come(visit_as: OpenVisit):
    def delay(route: Any) -> None:
        time.sleep(1)
        route.continue_()

    visit = visit_as()
    visit.page.route("**/vendor/hx-sse*", delay)
    with visit.page.expect_response("**/live"):
        visit.open("/")


def read_seconds(text: str) -> int:
    """An age as the page shows it: `7 s`, or `2 min` on a busy machine."""
    found = re.match(r"(\d+) (s|min)\b", text)
    assert found is not None, text
    return int(found[1]) * {"s": 1, "min": 60}[found[2]]


def test_what_is_new_is_counted_and_the_list_does_not_jump(
    visit_as: OpenVisit, newsroom: Newsroom, folder: Path
):
    visit = visit_as()
    visit.open("/stories")
    before = visit.page.locator("h2.title").all_inner_texts()
    newsroom.drop(folder, SEED.format("fresh-one").replace("quality: 80", "quality: 189"))
    visit.page.locator("#fresh a").wait_for()
    assert visit.page.locator("h2.title").all_inner_texts() == before
    visit.page.locator("#fresh a").click()
    assert visit.page.locator("h2.title").first.inner_text() == "fresh-one"
