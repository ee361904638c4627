"""Receipts and rejected records, folded from records written by hand."""

from datetime import UTC, datetime

from services.console.audit.breaches import Promise
from services.console.audit.receipts import Kept, Receipts
from shared.broker.records import Record
from shared.broker.topics import RECEIPTS, REJECTED, SEEDS
from shared.events.catalogue import receipt, rejection
from shared.store import Cause

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CAUSE = Cause("title", 2, "Expected a title.")


def drop(offset=0, key=b"k", value=b"seed", headers=()) -> Record:
    return Record("c", SEEDS, 0, offset, NOW, key, value, headers)


def written(event, offset=0) -> Record:
    return Record("c", event.topic, 0, offset, NOW, event.key, event.value, event.headers)


def answered(*events) -> Receipts:
    receipts = Receipts()
    for event in events:
        receipts.fold(written(event))
    return receipts


def promises(breaches):
    return [one.promise for one in breaches]


class TestReceipts:
    def test_one_or_several_alike_are_an_answer(self):
        receipts = answered(*[receipt(drop(), "accepted", "a")] * 3)
        assert promises([*receipts.breaches, *receipts.judge(drop(), Kept())]) == []

    def test_none_is_a_breach(self):
        receipts = answered(receipt(drop(1), "accepted", "a"))
        assert promises(receipts.judge(drop(0), Kept())) == [Promise.RECEIPTS]

    def test_two_that_differ_are_a_breach(self):
        for other in (receipt(drop(), "updated", "a"), receipt(drop(), "accepted", "b")):
            assert promises(answered(receipt(drop(), "accepted", "a"), other).breaches) == [
                Promise.RECEIPTS
            ]

    def test_what_is_no_receipt_is_told(self):
        receipts = Receipts()
        for value in (
            b"x",
            b"[]",
            b"{}",
            b'{"seed": {"partition": "x", "offset": 1}}',
            b"[" * 100_000,
            None,
        ):
            receipts.fold(Record("c", RECEIPTS, 0, 0, NOW, None, value, ()))
        assert promises(receipts.breaches) == [Promise.OURS] * 6


class TestRejected:
    def test_a_rejected_drop_is_kept_and_told(self):
        for refused in (
            drop(),
            drop(key=None, value=None),
            drop(headers=(("x", b"\xff"), ("x", None))),
        ):
            rejected, event = rejection(refused, "ingest", [CAUSE], NOW)
            kept = Kept()
            kept.add(rejected)
            kept.fold(written(event))
            receipts = answered(receipt(refused, "rejected", None, [CAUSE]))
            found = [*kept.breaches, *receipts.judge(refused, kept), *kept.untold(rejected, "c")]
            assert promises(found) == []

    def test_one_that_is_not_in_the_store(self):
        _, event = rejection(drop(), "ingest", [CAUSE], NOW)
        kept = Kept()
        kept.fold(written(event))
        receipts = answered(receipt(drop(), "rejected", None, [CAUSE]))
        assert promises([*kept.breaches, *receipts.judge(drop(), kept)]) == [Promise.REJECTED] * 2

    def test_one_with_other_bytes(self):
        rejected, _ = rejection(drop(value=b"other"), "ingest", [CAUSE], NOW)
        _, event = rejection(drop(), "ingest", [CAUSE], NOW)
        kept = Kept()
        kept.add(rejected)
        kept.fold(written(event))
        receipts = answered(receipt(drop(), "rejected", None, [CAUSE]))
        assert promises([*kept.breaches, *receipts.judge(drop(), kept)]) == [Promise.REJECTED] * 2

    def test_one_that_is_not_told(self):
        rejected, _ = rejection(drop(), "ingest", [CAUSE], NOW)
        kept = Kept()
        kept.add(rejected)
        assert promises(kept.untold(rejected, "c")) == [Promise.REJECTED]
        assert promises(kept.untold(rejected, "another cluster")) == []

    def test_a_record_that_nobody_refused(self):
        kept = Kept()
        kept.fold(Record("c", REJECTED, 0, 0, NOW, None, b"x", ()))
        kept.fold(Record("c", REJECTED, 0, 1, NOW, None, b"x", (("seedwire-record", b"\xff"),)))
        assert promises(kept.breaches) == [Promise.OURS, Promise.REJECTED]
