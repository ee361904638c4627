"""Drops seeds that a person pasted or chose, and keeps the receipts with the act."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from services.console.actions.acts import ActCause, perform
from services.console.actions.drops.drop_keys import assign_keys
from services.console.actions.drops.dropper import open_dropper
from services.console.actions.drops.receipt_text import summarize_receipts
from shared.article import derive_article_id
from shared.article.identity.stated_urls import find_own_url
from shared.drops.receipt import Receipt
from shared.drops.seed import Seed
from shared.settings import Settings
from shared.store import Store

RECEIPT_SECONDS: Final = 8.0  # a reader waits that long; what is answered later is in `tail`
MAX_KEPT: Final = 200  # receipts that are kept with the act
_MAX_FAULTS: Final = 5


async def drop_seeds(
    settings: Settings, store: Store, seeds: Sequence[Seed], cause: ActCause
) -> list[Receipt]:
    """Send the seeds and wait for their receipts; `sent` is that of one without an answer yet.

    Raises DependencyUnavailable; dropping the seeds again then does no harm.
    """

    async def drop() -> list[Receipt]:
        async with open_dropper(settings) as dropper:
            sent = await dropper.send(assign_keys(seeds))
            return await dropper.wait_for_receipts(sent, RECEIPT_SECONDS)

    return await perform(
        store,
        "drop",
        cause,
        drop,
        subjects=name_subjects(seeds),
        describe=summarize_receipts,
        details=lambda receipts: {"receipts": _describe_receipts(receipts)},
    )


def name_subjects(seeds: Sequence[Seed]) -> list[str]:
    """A digest of the seeds, which tells the form from others, and the articles they say they are.

    The digest comes first, since an act keeps so many subjects and no more. Ingest may know an
    article by another id: then its receipt names that.
    """
    digest = hashlib.sha256()
    ids: dict[str, None] = {}
    for seed in seeds:
        digest.update(hashlib.sha256(seed.content).digest())
        url = find_own_url(seed.content)
        if url is not None:
            ids[derive_article_id(url)] = None
    return [f"content {digest.hexdigest()[:16]}", *ids]


def _describe_receipts(receipts: Sequence[Receipt]) -> list[dict[str, Any]]:
    described: list[dict[str, Any]] = []
    for receipt in receipts[:MAX_KEPT]:
        faults = [*receipt.errors, *receipt.warnings]
        described.append({
            "path": receipt.path[:300],
            "status": receipt.status,
            "articleId": receipt.article_id,
            "case": receipt.case_id,
            "faults": [_describe_fault(fault) for fault in faults[:_MAX_FAULTS]],
        })  # fmt: skip
    return described


def _describe_fault(fault: dict[str, Any]) -> str:
    line = f" (line {fault['line']})" if fault.get("line") is not None else ""
    return f"{fault['field']}{line}: {fault['message']}"[:500]
