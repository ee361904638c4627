"""The contract of failure counts, and of putting off what an article waits for."""

import asyncio
from datetime import UTC, datetime, timedelta

from shared.store import FailureCount, Store
from tests.contract.store.builders import LONG_AFTER, T0, a_first_write, at

LATER = at(300)


async def test_failures_are_counted_by_subject_and_the_last_reason_stays(
    store: Store, other: Store
):
    assert await store.failure_counts.add(["decision a", "decision b"], "first", T0, "c/t/0/1") == {
        "decision a": 1,
        "decision b": 1,
    }
    assert await other.failure_counts.add(["decision a"], "second", LATER, "c/t/0/2") == {
        "decision a": 2
    }
    assert await store.failure_counts.get(["decision a", "unknown"]) == {
        "decision a": FailureCount("decision a", 2, "second", LATER, case_id="c/t/0/1")
    }


async def test_the_first_case_is_kept_whenever_it_becomes_known(store: Store):
    await store.failure_counts.add(["decode x"], "first", T0)
    await store.failure_counts.add(["decode x"], "second", T0, "c/t/0/1")
    await store.failure_counts.add(["decode x"], "third", T0, "c/t/0/2")
    (found,) = await store.failure_counts.list_page()
    assert (found.count, found.case_id) == (3, "c/t/0/1")


async def test_what_succeeded_is_counted_from_one_again(store: Store):
    await store.failure_counts.add(["a", "b"], "x", T0)
    await store.failure_counts.remove(["a", "unknown"])
    assert await store.failure_counts.add(["a", "b"], "x", T0) == {"a": 1, "b": 2}


async def test_failures_come_in_pages_by_subject(store: Store):
    await store.failure_counts.add(["b", "c", "a"], "x", T0)
    assert [found.subject for found in await store.failure_counts.list_page(limit=2)] == ["a", "b"]
    assert [found.subject for found in await store.failure_counts.list_page("b")] == ["c"]


async def test_failures_that_are_counted_at_once_are_all_counted(store: Store, other: Store):
    adding = [each.failure_counts.add(["a"], "x", T0) for each in (store, other) * 5]
    await asyncio.gather(*adding)
    assert (await store.failure_counts.get(["a"]))["a"].count >= 10


async def test_nothing_is_counted_for_no_subject(store: Store):
    assert await store.failure_counts.add([], "x", T0) == {}
    await store.failure_counts.remove([])
    assert await store.failure_counts.list_page() == []


async def list_waiting(store: Store, before: datetime) -> list[str]:
    return [article.id for article in await store.articles.find_waiting("decision", before)]


async def test_what_is_put_off_is_found_only_for_later_times_and_still_waits(store: Store):
    await store.articles.save([a_first_write("a1"), a_first_write("b1")])
    soon = datetime.now(UTC) + timedelta(seconds=5)
    await store.articles.postpone("decision", {"a1": LONG_AFTER, "unknown": LONG_AFTER})
    assert await list_waiting(store, soon) == ["b1"]
    assert await list_waiting(store, LONG_AFTER + timedelta(seconds=1)) == ["b1", "a1"]
    assert await store.articles.get_pending_versions("decision", ["a1"]) == {"a1": 1}
    await store.articles.touch(["a1"])
    assert sorted(await list_waiting(store, soon)) == ["a1", "b1"]


async def test_what_is_done_is_not_put_off(store: Store):
    await store.articles.save([a_first_write("a1")])
    await store.articles.complete_stage("images", {"a1": 1})
    await store.articles.postpone("images", {"a1": LONG_AFTER})
    assert await store.articles.get_pending_versions("images", ["a1"]) == {}
