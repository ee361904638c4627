"""A rejected seed is found, mended in place and sent; `secured` is put back and never shown."""

import asyncio
import re
import secrets
from datetime import UTC, datetime

import pytest

from services.ingest.handlers import IngestHandler
from shared.broker.records import Record
from shared.clock import now
from shared.settings import Settings
from shared.store import RejectedRecord, Store
from tests.conftest import Processes
from tests.integration.console.conftest import open_desk
from tests.integration.console.desk import Desk, read_form, read_text
from tests.integration.web.newsroom import make_seed

NOW = datetime(2026, 3, 3, tzinfo=UTC)


def make_secret() -> str:
    """Base64 ciphertext and IV, as seeds have them."""
    return f"{secrets.token_hex(48)}==;{secrets.token_hex(12)}=="


def break_seed(name: str, secret: str) -> bytes:
    """A seed without a time."""
    seed = make_seed(name, secured=secret)
    return re.sub(rb"publishedDateTime: .*\n", b"publishedDateTime: yesterday\n", seed)


async def reject(store: Store, *seeds: bytes) -> list[RejectedRecord]:
    """Have ingest handle these seeds; returns the cases."""
    records = [
        Record("cluster", "seeds", 0, offset, NOW, b"key", seed, (("path", b"a <b>.md"),))
        for offset, seed in enumerate(seeds)
    ]
    await IngestHandler(clock=now, overdue_seconds=30).handle(records, store)
    return await store.rejected.list_page()


async def test_causes_are_counted_and_lead_to_their_cases(desk: Desk, store: Store):
    await reject(store, *(break_seed(f"s{number}", "x;y") for number in range(3)), b"no seed")
    text = read_text(await desk.read("/rejected"))
    assert "4 open" in text
    assert "publishedDateTime" in text
    page = await desk.read("/rejected")
    links = re.findall(r'href="(/rejected\?[^"]*)"', page)
    (link,) = [each for each in links if "published" in each]
    cases = await desk.read(link.replace("&amp;", "&"))
    assert len(re.findall(r'type="checkbox"', cases)) == 3


async def test_a_case_shows_its_seed_with_the_faulty_line_marked(desk: Desk, store: Store):
    secret = make_secret()
    (case,) = await reject(store, break_seed("bridge", secret))
    page = await desk.read(f"/rejected/case/{case.id}")
    (marked,) = re.findall(r"<mark>(.*?)</mark>", page)
    assert marked == "publishedDateTime: yesterday"
    assert secret not in page
    assert "a &lt;b&gt;.md" in page


async def test_a_check_says_what_ingest_would_say_and_changes_nothing(desk: Desk, store: Store):
    (case,) = await reject(store, break_seed("bridge", make_secret()))
    page = await desk.read(f"/rejected/case/{case.id}")
    action = f"/rejected/check/{case.id}"
    text = str(read_form(page, action)["text"])
    wrong = await desk.send(page, action, text=text.replace("yesterday", "today"))
    assert "Ingest would reject it again" in wrong
    assert "publishedDateTime: today" in str(read_form(wrong, action)["text"])
    right = await desk.send(wrong, action, text=text.replace("yesterday", "2026-03-02T12:00:00Z"))
    assert "The bridge" in read_text(right)
    assert "ingest would take this seed" in right
    assert (await store.rejected.get(case.id)) == case


async def test_a_seed_is_mended_after_two_wrong_attempts_and_is_one_case(
    processes: Processes, live_store: Store, live_desk: Desk
):
    secret = make_secret()
    processes.start("services.ingest")
    seed_file = processes.folder / "broken.md"
    seed_file.write_bytes(break_seed("bridge", secret))
    processes.seedwire("drop", str(seed_file), check=False)
    (case,) = await live_store.rejected.list_page()
    link = f"/rejected/case/{case.id}"
    before = "yesterday"
    for wrong in ("never", "soon"):
        page = await live_desk.read(link)
        text = str(read_form(page, f"/rejected/mend/{case.id}")["text"])
        assert f"publishedDateTime: {before}\n" in text.replace("\r\n", "\n")
        answer = await live_desk.send(
            page, f"/rejected/mend/{case.id}", text=text.replace(before, wrong)
        )
        assert "rejected again" in read_text(answer)
        (marked,) = re.findall(r"<mark>(.*?)</mark>", answer)
        assert marked == f"publishedDateTime: {wrong}"
        before = wrong
    (again,) = await live_store.rejected.list_page()
    assert (again.attempts, again.state) == (2, "open")

    page = await live_desk.read(link)
    text = str(read_form(page, f"/rejected/mend/{case.id}")["text"])
    mended = text.replace("soon", "2026-03-02T12:00:00Z")
    answer = await live_desk.send(page, f"/rejected/mend/{case.id}", text=mended, reason="a typo")
    assert "Sent, and accepted" in read_text(answer)
    (resolved,) = await live_store.rejected.list_page()
    assert (resolved.attempts, resolved.state) == (3, "resolved")
    (article,) = await live_store.articles.list_page()
    assert article.article.model_dump()["secured"] == secret
    for response in live_desk.seen:
        assert secret.encode() not in response.content
        assert secret not in str(response.request.content)
    acts = await live_store.history.list_acts(case.id)
    assert [(act.kind, act.by) for act in acts] == [("mend", "ann")] * 3
    assert (acts[0].reason, acts[0].outcome) == (
        "a typo",
        "attempt 3 was sent, and accepted",
    )


async def test_a_placeholder_that_is_lost_is_said_and_nothing_is_sent(desk: Desk, store: Store):
    (case,) = await reject(store, break_seed("bridge", make_secret()))
    page = await desk.read(f"/rejected/case/{case.id}")
    action = f"/rejected/mend/{case.id}"
    text = str(read_form(page, action)["text"])
    without = re.sub(r"<secured-1-[0-9a-f]+>", "", text)
    answer = await desk.send(page, action, 422, text=without)
    assert "must be in the text once" in read_text(answer)
    assert await store.rejected.get(case.id) == case


async def test_who_was_overtaken_is_told_and_nothing_is_sent(desk: Desk, store: Store):
    (case,) = await reject(store, break_seed("bridge", make_secret()))
    page = await desk.read(f"/rejected/case/{case.id}")
    await store.rejected.dismiss(case.id, "bo", "a test", now())
    answer = await desk.send(page, f"/rejected/mend/{case.id}", 409)
    assert "meanwhile" in read_text(answer)
    found = await store.rejected.get(case.id)
    assert found is not None
    assert found.attempts == 0


async def test_all_of_a_cause_are_dismissed_with_a_reason(desk: Desk, store: Store):
    cases = await reject(store, *(break_seed(f"s{number}", "x;y") for number in range(3)))
    ids = [case.id for case in cases]
    page = await desk.read(f"/rejected/case/{ids[0]}")
    refused = await desk.send(page, "/rejected/dismiss", 422, id=ids)
    assert "reason why nothing" in read_text(refused)
    answer = await desk.send(page, "/rejected/dismiss", id=ids, reason="the agency's test")
    assert "3 dismissed" in read_text(answer)
    counts = await store.rejected.count_by_state()
    assert counts["dismissed"] == 3
    (act,) = await store.history.list_acts()
    assert (act.kind, act.subjects, act.reason) == ("dismiss", tuple(ids), "the agency's test")


async def test_a_closed_case_says_what_was_wrong_and_asks_for_nothing(desk: Desk, store: Store):
    (case,) = await reject(store, break_seed("bridge", make_secret()))
    before = await desk.read(f"/rejected/case/{case.id}")
    assert "What is wrong" in before
    assert "/rejected/dismiss" in before
    await store.rejected.dismiss(case.id, "bo", "a test", now())
    after = await desk.read(f"/rejected/case/{case.id}")
    assert "What was wrong" in after
    assert "/rejected/dismiss" not in after
    assert "<details>" in after


@pytest.mark.parametrize("action", ["/rejected/send", "/rejected/dismiss"])
async def test_none_that_is_ticked_does_not_mean_all(desk: Desk, store: Store, action: str):
    (case,) = await reject(store, break_seed("bridge", "x;y"))
    page = await desk.read(f"/rejected/case/{case.id}")
    await desk.send(page, action, 422, id=[], reason="by mistake")
    assert await store.rejected.get(case.id) == case
    assert await store.history.list_acts() == []


async def test_a_form_that_is_sent_twice_is_one_act(desk: Desk, store: Store):
    (case,) = await reject(store, break_seed("bridge", "x;y"))
    page = await desk.read(f"/rejected/case/{case.id}")
    form = {**read_form(page, "/rejected/dismiss"), "reason": "twice"}
    await asyncio.gather(*(desk.post("/rejected/dismiss", form) for _ in range(3)))
    assert len(await store.history.list_acts()) == 1


@pytest.mark.parametrize(("person", "is_read_only"), [("", False), ("ann", True)])
async def test_who_may_not_write_sees_no_form(store: Store, person: str, is_read_only: bool):
    (case,) = await reject(store, break_seed("bridge", "x;y"))
    settings = Settings(store=store.address)
    async with open_desk(store, settings, person, is_read_only) as desk:
        page = await desk.read(f"/rejected/case/{case.id}")
        assert "<textarea" not in page
        await desk.post("/rejected/dismiss", {"id": case.id, "reason": "no"}, 403)
    assert await store.rejected.get(case.id) == case


async def test_an_unknown_case_is_not_found(desk: Desk):
    await desk.read("/rejected/case/cluster/seeds/0/77", 404)
    await desk.read("/rejected?state=lost", 404)


async def test_the_old_address_leads_to_the_page(desk: Desk, store: Store):
    (case,) = await reject(store, break_seed("bridge", "x;y"))
    moved = await desk.client.get(f"/rejects/case/{case.id}?a=b")
    assert (moved.status_code, moved.headers["Location"]) == (
        308,
        f"/rejected/case/{case.id}?a=b",
    )
    moved = await desk.client.get("/rejects")
    assert moved.headers["Location"] == "/rejected"
