"""Receipts in words."""

from pathlib import Path

from services.console.actions.drops.receipt_text import describe_receipt, summarize_receipts
from shared.drops.receipt import Receipt

FAULT = {"field": "title", "line": 3, "message": "Expected a title."}
REJECTED = Receipt("a.md", "rejected", None, (FAULT,))


def test_a_file_s_new_place_follows_its_name_and_not_its_last_fault():
    first, fault = describe_receipt(REJECTED, Path("failed/a.md"))
    assert first.endswith("a.md -> failed/a.md")
    assert fault.endswith("Expected a title.")


def test_the_case_of_a_rejected_seed_is_named_last():
    receipt = Receipt("a.md", "rejected", None, (FAULT,), case_id="c/seeds/0/7")
    assert describe_receipt(receipt)[-1].strip() == (
        "to mend it: `seedwire rejected show c/seeds/0/7`"
    )


def test_a_fault_without_a_field_or_a_line_is_its_message():
    fault = {"field": "", "line": None, "message": "Expected UTF-8."}
    _, line = describe_receipt(Receipt("a.md", "rejected", None, (fault,)))
    assert line.strip() == "Expected UTF-8."


def test_a_warning_is_marked_and_follows_the_faults():
    warning = {"field": "related[0].images[0].url", "line": 9, "message": "Expected a URL."}
    receipt = Receipt("a.md", "accepted", "a1", warnings=(warning,))
    _, line = describe_receipt(receipt)
    assert line.strip() == "warning: related[0].images[0].url (line 9): Expected a URL."
    assert receipt.as_json()["warnings"] == [warning]


def test_a_summary_counts_each_status():
    receipts = [Receipt("a.md", "accepted"), REJECTED, Receipt("b.md", "accepted")]
    assert summarize_receipts(receipts) == "3 dropped: 2 accepted, 1 rejected"
