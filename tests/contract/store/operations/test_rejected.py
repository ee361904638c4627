"""The contract of rejected records."""

import asyncio
import os
from dataclasses import replace

import pytest

from shared.store import (
    Cause,
    Dismissal,
    RedriveAttempt,
    RedriveOrigin,
    RejectedRecord,
    Store,
    pages,
)
from shared.store.ports.operations.rejected import MAX_KEPT_CORRECTION, CaseState, digest_value
from tests.contract.store.builders import a_rejected_record, at

ID = a_rejected_record().id
ORIGINAL = a_rejected_record().value


async def get(store: Store, record_id: str = ID) -> RejectedRecord:
    record = await store.rejected.get(record_id)
    assert record is not None
    return record


async def redrive(store: Store, corrected: bytes | None = None) -> RedriveAttempt:
    attempt = await store.rejected.add_redrive(ID, "ada", at(1), corrected)
    assert attempt is not None
    return attempt


def a_redriven_record(number: int, value: bytes | None = ORIGINAL) -> RejectedRecord:
    """What comes back when attempt *number* of the record is rejected."""
    return a_rejected_record(
        f"c/seeds/0/{number + 100}",
        value=value,
        causes=(Cause("title", 4, "Still no title."),),
        rejected_at=at(60),
        origin=RedriveOrigin(ID, number),
    )


class TestKeeping:
    async def test_a_record_comes_back_byte_for_byte(self, store: Store, other: Store):
        plain = a_rejected_record()
        empty = a_rejected_record("c/seeds/0/2", key=None, value=None, headers=())
        await store.rejected.save([plain, empty])
        assert await other.rejected.get(plain.id) == plain
        assert await other.rejected.get(empty.id) == empty
        assert await other.rejected.get("unknown") is None

    @pytest.mark.parametrize("megabytes", [1, 17, 40])
    async def test_a_record_of_any_size_is_kept_whole(
        self, megabytes: int, store: Store, other: Store
    ):
        """MongoDB keeps documents of 16 MB; Kafka's records may be larger once decompressed."""
        large = os.urandom(megabytes << 20)
        headers = (("junk", large[: 2 << 20]), ("none", None))
        record = a_rejected_record(key=large[: 1 << 20], value=large, headers=headers)
        for handle in (store, other):
            await handle.rejected.save([record])
        assert await other.rejected.get(record.id) == record
        assert await store.rejected.list_page() == [record]

    async def test_a_record_that_is_there_stays_as_it_is(self, store: Store):
        record = a_rejected_record()
        await store.rejected.save([record])
        attempt = await redrive(store)
        repeated = replace(record, rejected_at=at(9))
        await store.rejected.save([repeated, a_rejected_record("c/seeds/0/2")])
        assert await get(store) == replace(record, redrives=(attempt,), state="redriven")
        assert await store.rejected.count() == 1

    async def test_nothing_to_keep_is_nothing_done(self, store: Store):
        await store.rejected.save([])
        assert await store.rejected.count() == 0


class TestListing:
    async def test_pages_go_through_all_in_the_order_of_ids(self, store: Store):
        names = [f"c/seeds/0/{number}" for number in (3, 1, 2)]
        await store.rejected.save([a_rejected_record(name) for name in names])
        page = await store.rejected.list_page(limit=2)
        assert [record.id[-1] for record in page] == ["1", "2"]
        rest = await store.rejected.list_page("c/seeds/0/2")
        assert [record.id[-1] for record in rest] == ["3"]

    async def test_a_page_of_large_records_is_shorter(self, store: Store):
        """So that a listing never has more in memory than some of them."""
        value = bytes(14 << 20)
        names = [f"c/seeds/0/{number}" for number in range(5)]
        await store.rejected.save([a_rejected_record(name, value=value) for name in names])
        sizes, found = [], []
        async for page in pages(store.rejected.list_page):
            sizes.append(len(page))
            found += [record.id for record in page]
        assert sizes == [2, 2, 1]
        assert found == names

    async def test_records_of_one_state_can_be_listed(self, store: Store):
        names = ["c/seeds/0/1", "c/seeds/0/2", "c/seeds/0/3"]
        await store.rejected.save([a_rejected_record(name) for name in names])
        await redrive(store)
        await store.rejected.dismiss(names[2], "ada", "spam", at(2))
        by_state: dict[CaseState, str] = {
            "redriven": names[0],
            "open": names[1],
            "dismissed": names[2],
        }
        for state, name in by_state.items():
            assert [record.id for record in await store.rejected.list_page(state=state)] == [name]
        assert await store.rejected.list_page(state="resolved") == []
        assert await store.rejected.count_by_state() == {
            **dict.fromkeys(by_state, 1),
            "resolved": 0,
        }
        assert await store.rejected.count() == 1


class TestRedriving:
    @pytest.fixture(autouse=True)
    async def record(self, store: Store) -> RejectedRecord:
        record = a_rejected_record()
        await store.rejected.save([record])
        return record

    async def test_an_attempt_says_who_sent_what_and_when(self, store: Store, other: Store):
        first = await redrive(store)
        second = await redrive(store, b"corrected")
        assert first == RedriveAttempt(1, "ada", at(1), digest_value(ORIGINAL))
        assert second == RedriveAttempt(2, "ada", at(1), digest_value(b"corrected"), True)
        found = await get(other)
        assert (found.redrives, found.attempts, found.state) == ((first, second), 2, "redriven")
        assert found.value == ORIGINAL

    async def test_the_last_correction_is_kept(self, store: Store, other: Store):
        assert (await get(store)).correction is None
        await redrive(store, b"first")
        await redrive(store, b"second")
        found = await get(other)
        assert (found.correction, found.value) == (b"second", ORIGINAL)
        await redrive(store)
        assert (await get(other)).correction is None

    async def test_a_large_correction_is_sent_and_not_kept(self, store: Store):
        await redrive(store, b"x" * MAX_KEPT_CORRECTION)
        assert (await get(store)).correction is not None
        attempt = await redrive(store, b"x" * (MAX_KEPT_CORRECTION + 1))
        assert attempt.is_corrected
        assert (await get(store)).correction is None

    async def test_of_two_at_the_same_time_one_is_first(self, store: Store, other: Store):
        attempts = await asyncio.gather(
            store.rejected.add_redrive(ID, "ada", at(1), b"hers", expected=0),
            other.rejected.add_redrive(ID, "bob", at(1), b"his", expected=0),
        )
        assert sum(attempt is None for attempt in attempts) == 1
        assert (await get(store)).attempts == 1

    async def test_one_that_is_unknown_cannot_be_redriven(self, store: Store):
        assert await store.rejected.add_redrive("unknown", "ada", at(1)) is None
        assert not await store.rejected.answer_redrive("unknown", 1, "accepted", at(2))

    async def test_a_redrive_that_is_rejected_again_is_the_same_case(self, store: Store):
        attempt = await redrive(store)
        again = a_redriven_record(attempt.number)
        for _ in range(2):
            await store.rejected.save([again])
        assert await store.rejected.get(again.id) is None
        found = await get(store)
        answered = replace(
            attempt,
            outcome="rejected",
            answered_at=at(60),
            causes=again.causes,
            record_id=again.id,
        )
        assert (found.redrives, found.state) == ((answered,), "open")
        assert await store.rejected.count() == 1

    async def test_a_corrected_redrive_that_is_rejected_again_is_the_same_case(self, store: Store):
        attempt = await redrive(store, b"corrected")
        again = a_redriven_record(attempt.number, value=b"corrected")
        await store.rejected.save([again])
        assert await store.rejected.get(again.id) is None
        assert (await get(store)).redrives[0].outcome == "rejected"

    @pytest.mark.parametrize(
        "again",
        [
            a_redriven_record(1, value=b"other bytes"),
            a_redriven_record(2),
            a_redriven_record(0),
            replace(a_redriven_record(1), origin=RedriveOrigin("unknown", 1)),
        ],
        ids=["other bytes", "no such attempt", "no number", "no such record"],
    )
    async def test_what_no_attempt_sent_is_a_case_of_its_own(
        self, again: RejectedRecord, store: Store
    ):
        """Its headers may name any record; its bytes are kept nowhere else."""
        await redrive(store)
        await store.rejected.save([again])
        assert await store.rejected.get(again.id) == again
        assert (await get(store)).state == "redriven"

    async def test_a_second_record_of_one_attempt_is_a_case_of_its_own(self, store: Store):
        """Somebody sent the same record on, with its headers."""
        attempt = await redrive(store)
        again = a_redriven_record(attempt.number)
        copy = replace(again, id="c/seeds/1/7")
        await store.rejected.save([again, copy])
        assert await store.rejected.get(copy.id) == copy

    async def test_a_redrive_that_is_handled_resolves_the_case(self, store: Store, other: Store):
        attempt = await redrive(store)
        for handle in (store, other):
            assert await handle.rejected.answer_redrive(ID, attempt.number, "accepted", at(5))
        found = await get(store)
        answered = replace(attempt, outcome="accepted", answered_at=at(5))
        assert (found.redrives, found.state) == ((answered,), "resolved")
        assert await store.rejected.count() == 0

    async def test_an_attempt_keeps_its_first_outcome(self, store: Store):
        attempt = await redrive(store)
        await store.rejected.save([a_redriven_record(attempt.number)])
        assert not await store.rejected.answer_redrive(ID, attempt.number, "accepted", at(70))
        assert (await get(store)).redrives[0].outcome == "rejected"

    async def test_the_answer_to_an_earlier_attempt_leaves_a_later_one_open(self, store: Store):
        for _ in range(2):
            await redrive(store)
        await store.rejected.save([a_redriven_record(1)])
        assert (await get(store)).state == "redriven"
        await store.rejected.save([a_redriven_record(2)])
        assert (await get(store)).state == "open"
        await redrive(store)
        await store.rejected.answer_redrive(ID, 3, "updated", at(80))
        assert (await get(store)).state == "resolved"

    async def test_of_the_causes_of_an_attempt_the_first_are_kept(self, store: Store):
        attempt = await redrive(store)
        causes = tuple(Cause("title", line, "No title.") for line in range(500))
        again = replace(a_redriven_record(attempt.number), causes=causes)
        await store.rejected.save([again])
        assert (await get(store)).redrives[0].causes == causes[:20]


class TestDismissing:
    async def test_a_dismissed_record_says_who_dismissed_it_and_why(
        self, store: Store, other: Store
    ):
        await store.rejected.save([a_rejected_record()])
        assert await store.rejected.dismiss(ID, "ada", "not ours", at(3))
        found = await get(other)
        assert (found.state, found.dismissal) == ("dismissed", Dismissal("ada", at(3), "not ours"))
        assert await store.rejected.count() == 0
        assert not await store.rejected.dismiss("unknown", "ada", "not ours", at(3))

    async def test_an_open_record_is_resolved_by_other_means_than_a_redrive(
        self, store: Store, other: Store
    ):
        await store.rejected.save([a_rejected_record()])
        assert await store.rejected.resolve(ID, "ingest", "dropped again", at(3))
        found = await get(other)
        note = Dismissal("ingest", at(3), "dropped again")
        assert (found.state, found.dismissal) == ("resolved", note)
        assert not await store.rejected.resolve(ID, "ingest", "dropped again", at(4))
        assert not await store.rejected.resolve("unknown", "ingest", "dropped again", at(3))

    async def test_a_dismissed_record_is_not_resolved(self, store: Store):
        await store.rejected.save([a_rejected_record()])
        await store.rejected.dismiss(ID, "ada", "not ours", at(3))
        assert not await store.rejected.resolve(ID, "ingest", "dropped again", at(4))
        assert (await get(store)).state == "dismissed"

    async def test_it_stays_dismissed_when_a_redrive_is_answered(self, store: Store):
        await store.rejected.save([a_rejected_record()])
        attempt = await redrive(store)
        await store.rejected.dismiss(ID, "ada", "not ours", at(3))
        await store.rejected.save([a_redriven_record(attempt.number)])
        found = await get(store)
        assert (found.state, found.redrives[0].outcome) == ("dismissed", "rejected")

    async def test_it_can_be_redriven_after_all(self, store: Store):
        await store.rejected.save([a_rejected_record()])
        await store.rejected.dismiss(ID, "ada", "not ours", at(3))
        await redrive(store)
        found = await get(store)
        assert found.state == "redriven"
        assert found.dismissal is not None
