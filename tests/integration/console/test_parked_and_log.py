"""/parked, /drop and /log."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

from shared.clock import now
from shared.store import Act, Cause, ParkedFetch, RejectedRecord, Store
from tests.conftest import Processes
from tests.integration.console.desk import Desk, read_text
from tests.integration.web.newsroom import make_seed

URL = "https://pictures.example/1.jpg"
_LEASE = timedelta(minutes=5)


def a_fetch(article_id: str = "a1", url: str = URL) -> ParkedFetch:
    return ParkedFetch(article_id, url, now().replace(year=2100), 2, "it was <slow>")


async def test_a_parked_picture_is_retried_now(desk: Desk, store: Store):
    await store.parked.park([a_fetch(), a_fetch("b1", "https://other.example/2.jpg")])
    page = await desk.read("/parked")
    assert "it was &lt;slow&gt;" in page
    answer = await desk.send(page, "/parked/retry", fetch=f"a1 {URL}")
    assert "1 due now" in read_text(answer)
    (claimed,) = await store.parked.claim(now(), _LEASE, 10)
    assert claimed.article_id == "a1"
    (act,) = await store.history.list_acts("a1")
    assert (act.kind, act.by, act.outcome) == ("retry", "ann", "1 of 1 due now")


async def test_all_of_a_host_are_given_up_with_a_reason(desk: Desk, store: Store):
    await store.parked.park(
        [a_fetch(), a_fetch("b1"), a_fetch("c1", "https://other.example/2.jpg")]
    )
    page = await desk.read("/parked?host=pictures.example")
    await desk.send(page, "/parked/give-up", 422)
    answer = await desk.send(page, "/parked/give-up", reason="taken down")
    assert "2 given up" in read_text(answer)
    assert [fetch.article_id for fetch in await store.parked.list_earliest()] == ["c1"]
    picture = (await store.pictures.get([URL]))[URL]
    assert (picture.state, picture.reason) == ("failed", "gave-up: an operator gave it up")


async def test_what_a_worker_fetches_at_the_moment_is_left_to_it(desk: Desk, store: Store):
    await store.parked.park([replace(a_fetch(), due=now())])
    (claimed,) = await store.parked.claim(now(), _LEASE, 10)
    page, later = await desk.read("/parked"), await desk.read("/parked")
    answer = await desk.send(page, "/parked/give-up", fetch=f"a1 {URL}", reason="taken down")
    assert "0 given up" in read_text(answer)
    assert await store.pictures.get([URL]) == {}
    await store.parked.remove([claimed])
    gone = await desk.send(later, "/parked/retry", 409, fetch=f"a1 {URL}")
    assert "any more" in read_text(gone)


async def test_the_log_has_every_act_the_latest_first(desk: Desk, store: Store):
    for number in range(120):
        act = Act(f"f{number:03}", "split", f"person {number}", now(), "<why>", (f"s{number}",))
        await store.history.record_act(act)
    seen: list[str] = []
    path = "/log"
    while path:
        page = await desk.read(path)
        seen += re.findall(r"person (\d+)", page)
        assert "&lt;why&gt;" in page
        found = re.search(r'href="([^"]+)" rel="next"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert seen == [str(number) for number in range(119, -1, -1)]
    await desk.read("/log?after=x", 422)


async def test_a_pasted_seed_is_checked_and_dropped_and_its_receipt_comes(
    processes: Processes, live_store: Store, live_desk: Desk
):
    processes.start("services.ingest")
    warm_up = processes.folder / "first.md"
    warm_up.write_bytes(make_seed("first"))
    processes.seedwire("drop", str(warm_up))  # returns once ingest is at work
    page = await live_desk.read("/drop")
    broken = make_seed("bridge").replace(b"2026-03-02T12:00:00Z", b"yesterday").decode()
    checked = await live_desk.send(page, "/drop/check", text=broken)
    assert "ingest would reject it" in checked
    answer = await live_desk.send(
        checked, "/drop", text=make_seed("bridge").decode(), reason="for the morning"
    )
    assert "1 dropped: 1 accepted" in read_text(answer)
    articles = await live_store.articles.list_page()
    (_, article) = sorted(articles, key=lambda article: article.accepted_at)
    assert article.id in answer
    (act,) = await live_store.history.list_acts()
    assert (act.kind, act.reason) == ("drop", "for the morning")
    assert act.outcome == "1 dropped: 1 accepted"
    assert article.id in act.subjects
    rejected = await live_desk.send(await live_desk.read("/drop"), "/drop", text=broken)
    (case,) = await live_store.rejected.list_page()
    assert f'href="/rejected/case/{quote(case.id)}"' in rejected
    await live_desk.send(page, "/drop", 422, text="")


async def test_no_page_lets_a_hostile_text_be_more_than_text(desk: Desk, store: Store):
    hostile = "<script>alert(1)</script>\u202e\u0007\"onload='x"
    act = Act("f1", "drop", hostile, now(), hostile, (hostile, f"c/seeds/0/{hostile}"))
    receipt = {"path": hostile, "status": hostile, "articleId": hostile, "faults": [hostile]}
    await store.history.record_act(act)
    await store.history.answer_act("f1", hostile, now(), {"receipts": [receipt]})
    url = f"https://pictures.example/{hostile}"
    await store.parked.park([replace(a_fetch(url=url), reason=hostile)])
    case = RejectedRecord(
        id=f"c/seeds/0/{hostile}",
        service=hostile,
        topic="seeds",
        partition=0,
        offset=1,
        key=hostile.encode(),
        value=hostile.encode(),
        headers=((hostile, hostile.encode()), ("path", hostile.encode())),
        causes=(Cause(hostile, 1, hostile),),
        rejected_at=now(),
    )
    await store.rejected.save([case])
    pages = {
        path: await desk.read(path) for path in ("/log", "/parked", "/rejected", "/drop?act=f1")
    }
    pages["case"] = await desk.read(f"/rejected/case/{quote(case.id)}")
    checked = await desk.send(
        pages["case"], f"/rejected/check/{quote(case.id)}", text=f"---\n{hostile}\n---\n"
    )
    for name, page in {**pages, "check": checked}.items():
        assert "<script>alert" not in page, name
        if name not in ("case", "check"):  # an editor keeps every character
            assert "\u202e" not in page, name
            assert "\\u202e" in page, name
