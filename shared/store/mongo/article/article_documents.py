"""Articles as documents in MongoDB."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.store.history_entries import describe_version
from shared.store.mongo.article.listing_fields import UNDECIDED, build_listed
from shared.store.mongo.engine.database import HISTORY, Document
from shared.store.mongo.operations.history import build_entry
from shared.store.ports.article.articles import TASKS, AnsweredDrop, ArticleSummary, StoredArticle
from shared.trace_context import decode_trace, encode_trace


def build_new_content(article: StoredArticle) -> Document:
    return {
        **build_content(article),
        "pending": dict.fromkeys(TASKS, datetime.now(UTC)),
        "touches": 1,
        "writes": 1,
        "listed": build_listed(article),
        "decided": dict(UNDECIDED),
        HISTORY: [build_entry(describe_version(article))],
    }


def build_content(article: StoredArticle) -> Document:
    """Positions as a list, for a source's name may hold what a field's name may not."""
    positions = [
        {"source": source, "offset": offset} for source, offset in article.positions.items()
    ]
    taken = [dict(vars(drop)) for drop in article.answered_drops]
    return {
        "seed": article.seed,
        "version": article.version,
        "aliases": list(article.aliases),
        "acceptedAt": article.accepted_at,
        "changedAt": article.changed_at,
        "positions": positions,
        "taken": taken,
        "trace": encode_trace(article.trace),
    }


def build_summary(document: Mapping[str, Any]) -> ArticleSummary:
    trace = decode_trace(document["trace"])
    return ArticleSummary(document["version"], document["touches"], document["changedAt"], trace)


def build_article(document: Mapping[str, Any]) -> StoredArticle:
    positions = {position["source"]: position["offset"] for position in document["positions"]}
    answered_drops = tuple(AnsweredDrop(**drop) for drop in document["taken"])
    return StoredArticle(
        id=document["_id"],
        seed=bytes(document["seed"]),
        version=document["version"],
        aliases=tuple(document["aliases"]),
        accepted_at=document["acceptedAt"],
        changed_at=document["changedAt"],
        positions=positions,
        answered_drops=answered_drops,
        pending=frozenset(document.get("pending", ())),
        touches=document["touches"],
        writes=document["writes"],
        trace=decode_trace(document["trace"]),
    )
