"""What became of drops, from receipts that are built by hand."""

from dataclasses import replace

import pytest

from services.console.audit.breaches import Promise
from services.console.audit.checks.receipt_checks import Receipts
from services.console.audit.checks.rejected_checks import RejectedRecords
from shared.broker.records import Record
from shared.events.receipt_events import build_seed_receipt
from shared.events.rejections import build_rejection
from shared.events.topics import RECEIPTS
from shared.store.ports.operations.rejected import RedriveAttempt, digest_value
from tests.unit.audit.drops import CAUSE, NOW, as_record, drop, promises


def add_receipts(*events) -> Receipts:
    receipts = Receipts()
    for event in events:
        receipts.add(as_record(event))
    return receipts


class TestReceipts:
    def test_a_drop_may_have_several_equal_receipts(self):
        receipts = add_receipts(*[build_seed_receipt(drop(), "accepted", "a")] * 3)
        assert promises([*receipts.breaches, *receipts.check_drop(drop(), RejectedRecords())]) == []

    def test_a_drop_without_a_receipt_is_a_breach(self):
        receipts = add_receipts(build_seed_receipt(drop(1), "accepted", "a"))
        assert promises(receipts.check_drop(drop(0), RejectedRecords())) == [Promise.RECEIPTS]

    def test_receipts_that_differ_are_a_breach(self):
        for other in (
            build_seed_receipt(drop(), "updated", "a"),
            build_seed_receipt(drop(), "accepted", "b"),
        ):
            assert promises(
                add_receipts(build_seed_receipt(drop(), "accepted", "a"), other).breaches
            ) == [Promise.RECEIPTS]

    def test_a_record_that_is_no_receipt_is_a_breach(self):
        receipts = Receipts()
        for value in (
            b"x",
            b"[]",
            b"{}",
            b'{"seed": {"partition": "x", "offset": 1}}',
            b"[" * 100_000,
            None,
        ):
            receipts.add(Record("c", RECEIPTS, 0, 0, NOW, None, value, ()))
        assert promises(receipts.breaches) == [Promise.OURS] * 6


class TestRejectedDrops:
    def test_a_rejected_drop_is_kept_and_announced(self):
        for invalid in (
            drop(),
            drop(key=None, value=None),
            drop(headers=(("x", b"\xff"), ("x", None))),
        ):
            rejected, event = build_rejection(invalid, "ingest", [CAUSE], NOW)
            records = RejectedRecords()
            records.add_stored(rejected)
            records.add_announced(as_record(event))
            receipts = add_receipts(build_seed_receipt(invalid, "rejected", None, [CAUSE]))
            found = [
                *records.breaches,
                *receipts.check_drop(invalid, records),
                *records.check_announced(rejected, "c"),
            ]
            assert promises(found) == []

    def test_a_rejected_drop_that_is_not_in_the_store(self):
        _, event = build_rejection(drop(), "ingest", [CAUSE], NOW)
        records = RejectedRecords()
        records.add_announced(as_record(event))
        receipts = add_receipts(build_seed_receipt(drop(), "rejected", None, [CAUSE]))
        assert (
            promises([*records.breaches, *receipts.check_drop(drop(), records)])
            == [Promise.REJECTED] * 2
        )

    def test_a_rejected_drop_with_other_bytes(self):
        rejected, _ = build_rejection(drop(value=b"other"), "ingest", [CAUSE], NOW)
        _, event = build_rejection(drop(), "ingest", [CAUSE], NOW)
        records = RejectedRecords()
        records.add_stored(rejected)
        records.add_announced(as_record(event))
        receipts = add_receipts(build_seed_receipt(drop(), "rejected", None, [CAUSE]))
        assert (
            promises([*records.breaches, *receipts.check_drop(drop(), records)])
            == [Promise.REJECTED] * 2
        )

    def test_a_record_of_which_only_a_cut_was_announced(self):
        large = drop(value=b"v" * 3_000_000, headers=(("path", b"p" * 400_000),))
        rejected, event = build_rejection(large, "ingest", [CAUSE], NOW)
        assert len(event.value) < 1_000_000
        records = RejectedRecords()
        records.add_stored(rejected)
        records.add_announced(as_record(event))
        receipts = add_receipts(build_seed_receipt(large, "rejected", None, [CAUSE]))
        assert promises([*records.breaches, *receipts.check_drop(large, records)]) == []
        records.add_announced(as_record(replace(event, value=event.value + b"v")))
        assert promises(records.breaches) == [Promise.REJECTED]

    @pytest.mark.parametrize("value", [b"corrected", b"x" * 3_000_000, None])
    def test_a_redriven_record_that_is_rejected_again_is_an_attempt_of_the_first(self, value):
        first, _ = build_rejection(drop(0), "ingest", [CAUSE], NOW)
        again = drop(5, value=value)
        _, event = build_rejection(again, "ingest", [CAUSE], NOW)
        attempt = RedriveAttempt(
            1, "ann", NOW, digest_value(value), outcome="rejected", record_id=again.id
        )
        records = RejectedRecords()
        records.add_stored(replace(first, redrives=(attempt,)))
        records.add_announced(as_record(event))
        receipts = add_receipts(build_seed_receipt(again, "rejected", None, [CAUSE]))
        assert promises([*records.breaches, *receipts.check_drop(again, records)]) == []
        other = drop(5, value=b"other")
        assert promises(receipts.check_drop(other, records)) == [Promise.REJECTED]
