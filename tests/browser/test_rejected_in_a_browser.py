"""A broken seed is found, mended and sent by keyboard alone; another team's client sees it."""

import random
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.browser.browsing import WAIT_SECONDS, Newsroom, Visit
from tests.browser.conftest import OpenVisit
from tests.conftest import ROOT

BREAKS = (
    ("publishedDateTime: 2026-03-02T10:00:00Z", "publishedDateTime: yesterday"),
    ("quality: 95", "quality: {much: more}"),
    ('title: "', "title: ["),
    ("webUrl: ", "webUrl: not an address "),
)


def make_seed(title: str, secret: str) -> str:
    return (
        f'---\ncategory: news\ntitle: "{title}"\nexcerpt: "About it."\n'
        "publishedDateTime: 2026-03-02T10:00:00Z\n"
        f"webUrl: https://mended.example/{title.replace(' ', '-')}\n"
        f"quality: 95\nsecured: {secret}\n---\n"
    )


def tab_to(visit: Visit, selector: str) -> None:
    """Press Tab until what the selector names has the focus."""
    for _ in range(300):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def follow(visit: Visit, selector: str) -> None:
    """Reach a link or a button, press Enter, and wait for the page that it leads to."""
    tab_to(visit, selector)
    with visit.page.expect_navigation():
        visit.page.keyboard.press("Enter")


def type_text(visit: Visit, text: str) -> None:
    """Put this in place of the whole text that is edited."""
    tab_to(visit, "textarea")
    visit.page.keyboard.press("Control+A")
    visit.page.keyboard.insert_text(text)


def read_log(newsroom: Newsroom) -> str:
    """Every value on `published.log`, read with librdkafka."""
    address = (newsroom.seedwire.state_dir / "run" / "kafka").read_text().strip()
    group = f"browser-{secrets.token_hex(4)}"
    client = ROOT / "tests" / "clients" / "confluent.py"
    command = [sys.executable, str(client), address, "published.log", group]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_a_broken_seed_is_mended_by_keyboard_alone(
    visit_as: OpenVisit, newsroom: Newsroom, folder: Path
):
    pytest.importorskip(
        "confluent_kafka", reason="CONFLUENT-KAFKA IS MISSING: `make test-clients` installs it"
    )
    chance = random.Random()
    secret = f"{secrets.token_urlsafe(60)}==;{secrets.token_urlsafe(12)}=="
    title = f"Mended {secrets.token_hex(6)}"
    right, wrong = chance.choice(BREAKS)
    newsroom.write(folder, make_seed(title, secret).replace(right, wrong))
    newsroom.seedwire("drop", str(folder))
    visit = visit_as("ann")
    bodies: list[bytes] = []
    visit.page.on("requestfinished", lambda request: bodies.append(request.post_data_buffer or b""))
    visit.page.on("response", lambda answer: bodies.append(read_body(answer)))

    visit.open("/")
    follow(visit, 'nav a[href="/rejected"]')
    visit.page.evaluate("document.body.focus()")
    open_newest_case(visit, str(folder))
    case_url = visit.page.url
    for attempt in ("never", "soon"):
        text = visit.page.locator("textarea").input_value()
        type_text(visit, text + f"\n# {attempt}")
        follow(visit, "form[action*='/rejected/mend/'] button.primary")
        wait_for_answer(visit, "rejected")
    text = visit.page.locator("textarea").input_value()
    assert secret not in text
    mended = text.replace(wrong, right)
    assert mended != text
    type_text(visit, mended)
    follow(visit, "button[formaction*='/rejected/check/']")
    assert "ingest would take this seed" in visit.page.locator("#check").inner_text()
    follow(visit, "form[action*='/rejected/mend/'] button.primary")
    wait_for_answer(visit, "accepted")
    began = time.monotonic()
    while title not in read_log(newsroom):
        assert time.monotonic() - began < WAIT_SECONDS
    assert visit.page.url.partition("?")[0] == case_url
    assert visit.page.locator("h2:has-text('Attempts') + ol > li").count() == 3
    exported = export(newsroom, folder.parent / "export", title)
    assert secret in exported
    assert bodies
    assert not any(secret.encode() in body for body in bodies)


def wait_for_answer(visit: Visit, outcome: str) -> None:
    """Load the case again until ingest answered, which may take longer than the page waits."""
    deadline = time.monotonic() + WAIT_SECONDS
    newest = visit.page.locator("h2:has-text('Attempts') + ol > li b").first
    while newest.inner_text() == "not answered yet":
        assert time.monotonic() < deadline
        visit.page.reload()
    assert newest.inner_text() == outcome


def open_newest_case(visit: Visit, path: str) -> None:
    """By the causes, each of which leads to its cases."""
    groups = visit.page.locator("td.title a")
    links = [groups.nth(number).get_attribute("href") for number in range(groups.count())]
    for link in links:
        follow(visit, f"a[href={link!r}]")
        cases = visit.page.locator("td.title a", has_text=path)
        if cases.count():
            case = cases.last.get_attribute("href")
            follow(visit, f"a[href={case!r}]")
            return
        visit.page.go_back()
    raise AssertionError("no cause leads to the case")


def read_body(answer: object) -> bytes:
    """Redirects have none."""
    status = getattr(answer, "status", 0)
    return b"" if 300 <= status < 400 else bytes(answer.body())  # type: ignore[attr-defined]


def export(newsroom: Newsroom, folder: Path, title: str) -> str:
    newsroom.seedwire("export", str(folder))
    (found,) = [file for file in folder.iterdir() if title in file.read_text()]
    return found.read_text()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_all_of_a_cause_are_dismissed_and_the_log_says_so(
    visit_as: OpenVisit, newsroom: Newsroom, folder: Path, has_scripts: bool
):
    reason = f"a test {secrets.token_hex(6)}"
    newsroom.write(folder, "no seed at all", "nor this")
    newsroom.seedwire("drop", str(folder))
    visit = visit_as("bob", java_script_enabled=has_scripts)
    visit.open("/rejected")
    visit.page.locator("td.title a", has_text=re.compile("---")).first.click()
    visit.page.locator("#reason").fill(reason)
    visit.page.get_by_role("button", name="Dismiss them").click()
    visit.page.wait_for_url(re.compile("done="))
    assert "dismissed" in visit.page.locator(".notice").first.inner_text()
    visit.open("/log")
    row = visit.page.locator("tr", has_text=reason)
    assert "bob" in row.inner_text()
    assert "dismiss" in row.inner_text()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_seed_is_pasted_checked_and_dropped(visit_as: OpenVisit, has_scripts: bool):
    title = f"Pasted {secrets.token_hex(6)}"
    visit = visit_as("cy", java_script_enabled=has_scripts)
    visit.open("/drop")
    visit.page.locator("textarea").fill(make_seed(title, "U2FsdA==;aXY="))
    visit.page.get_by_role("button", name="Check only").click()
    assert title in visit.page.locator(".notice").first.inner_text()
    visit.page.get_by_role("button", name="Drop").click()
    visit.page.wait_for_url(re.compile("done="))
    assert "1 accepted" in visit.page.locator(".notice").first.inner_text()
    visit.page.locator("td a[href*='/articles/']").first.click()
    assert visit.page.locator("h1").inner_text() == title
    visit.page.locator("summary", has_text="The seed as it is kept").click()
    assert "<secured," in visit.page.locator("pre").inner_text()
