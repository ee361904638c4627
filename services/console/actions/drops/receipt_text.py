"""Receipts as people read them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.drops.receipt import Receipt


def describe_receipt(receipt: Receipt, moved_to: Path | None = None) -> list[str]:
    """A line with status, article, path and where the file is now, then one for each fault.

    Warnings, which keep no seed from being taken, are marked as such. The last line names the case
    of a rejected seed.
    """
    line = f"{receipt.status:<9}  {receipt.article_id or '-':<21}  {receipt.path}"
    if moved_to is not None:
        line += f" -> {moved_to}"
    faults = [_describe_fault(error) for error in receipt.errors]
    faults += [f"warning: {_describe_fault(warning)}" for warning in receipt.warnings]
    if receipt.case_id:
        faults.append(f"to mend it: `seedwire rejected show {receipt.case_id}`")
    return [line, *[f"           {fault}" for fault in faults]]


def summarize_receipts(receipts: Sequence[Receipt]) -> str:
    """For example `3 dropped: 2 accepted, 1 rejected`."""
    statuses = Counter(receipt.status for receipt in receipts)
    counts = [f"{count} {status}" for status, count in statuses.most_common()]
    return f"{len(receipts)} dropped: {', '.join(counts)}"


def _describe_fault(error: Mapping[str, Any]) -> str:
    """For example `title (line 3): Expected a title.`; field and line where they are known."""
    place = []
    if error["field"]:
        place.append(error["field"])
    if error.get("line") is not None:
        place.append(f"(line {error['line']})")
    if not place:
        return str(error["message"])
    return f"{' '.join(place)}: {error['message']}"
