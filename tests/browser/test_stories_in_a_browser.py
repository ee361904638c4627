"""An editor splits a story and another one undoes it, from start to end."""

import re
import time

import pytest

from tests.browser.browsing import WAIT_SECONDS, Visit
from tests.browser.conftest import OpenVisit

LEAD = "Automated cranes and a secret promise"  # of four articles in the demo


def open_story(visit: Visit) -> str:
    visit.open("/stories?q=cranes+promise")
    visit.page.locator("h2.title a", has_text=LEAD).click()
    return str(visit.page.url)


def wait_until_settled(visit: Visit, url: str, articles: int) -> None:
    """Load the page again until linking and publishing are through, as a person would."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        visit.page.goto(url)
        is_working = visit.page.locator("#state").count()
        counted = visit.page.locator("p.meta").first.inner_text()
        if not is_working and f"{articles} articles" in counted:
            return
        assert time.monotonic() < deadline, f"the story did not settle: {counted}"
        visit.page.wait_for_timeout(500)


def read_heat(visit: Visit) -> str:
    return str(visit.page.locator("p.meta .heat").first.inner_text())


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_story_is_split_and_undone_by_another_person(visit_as: OpenVisit, has_scripts: bool):
    ann = visit_as("ann", java_script_enabled=has_scripts)
    url = open_story(ann)
    before = read_heat(ann)
    lead = ann.page.locator("li.lead h3").first.inner_text()
    ann.page.locator("li:not(.lead) input[type=checkbox]").first.focus()
    ann.page.keyboard.press("Space")
    ann.page.get_by_role("button", name="Split them off").focus()
    ann.page.keyboard.press("Enter")
    preview = ann.page.locator("#preview").inner_text()
    assert "4 → 3 articles; the lead stays" in preview
    predicted = re.search(r"heat \d+ → (\d+)", preview)
    assert predicted is not None
    ann.page.locator("#reason").focus()
    ann.page.keyboard.type("another event")
    ann.page.keyboard.press("Enter")
    ann.page.wait_for_url(re.compile("done="))
    assert "Saved: split off" in ann.page.locator(".notice").first.inner_text()
    wait_until_settled(ann, url, 3)
    assert read_heat(ann) == f"heat {predicted[1]}"

    bob = visit_as("bob", java_script_enabled=has_scripts)
    bob.page.goto(url)
    bob.page.locator("summary").first.click()
    bob.page.locator("details input[name=reason]").first.fill("it was one event")
    bob.page.get_by_role("button", name="Undo it").click()
    bob.page.wait_for_url(re.compile("done="))
    wait_until_settled(bob, url, 4)
    assert read_heat(bob) == before
    assert bob.page.locator("li.lead h3").first.inner_text() == lead
    acts = bob.page.locator("section[aria-labelledby=acts]").inner_text()
    assert "ann" in acts
    assert "bob" in acts


def test_a_page_that_is_left_open_shows_by_itself_that_a_story_settled(visit_as: OpenVisit):
    ann = visit_as("ann")
    url = open_story(ann)
    ann.page.locator("li:not(.lead) input[type=checkbox]").first.check()
    ann.page.get_by_role("button", name="Split them off").click()
    ann.page.locator("#reason").fill("to see it settle")
    ann.page.get_by_role("button", name="Split off").click()
    ann.page.locator("section[aria-labelledby=overrides]").wait_for()
    ann.page.locator("#state").wait_for(state="detached")
    assert "3 articles" in ann.page.locator("p.meta").first.inner_text()
    ann.page.locator("summary").first.click()
    ann.page.locator("details input[name=reason]").first.fill("seen")
    ann.page.get_by_role("button", name="Undo it").click()
    wait_until_settled(ann, url, 4)


def test_why_two_articles_are_linked_is_said_in_words(visit_as: OpenVisit):
    visit = visit_as()
    open_story(visit)
    visit.page.get_by_role("link", name="why", exact=True).first.click()
    text = visit.page.locator("main").inner_text()
    assert "related: the chance of" in text
    assert "published" in text
