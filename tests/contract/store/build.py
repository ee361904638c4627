"""Builders of what a store keeps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.store import (
    Decision,
    Heartbeat,
    Parked,
    Picture,
    Publication,
    Rejected,
    Save,
    Signature,
    StoredArticle,
)
from shared.store.ports.rejected import Cause

T0 = datetime(2026, 3, 2, 12, 0, 0, 123_000, tzinfo=UTC)
LONG_AFTER = datetime(2100, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def an_article(article_id: str = "a1", version: int = 1, **changed: Any) -> StoredArticle:
    article = StoredArticle(
        id=article_id,
        seed=f"---\ntitle: {article_id}\n---\n".encode(),
        version=version,
        aliases=(f"{article_id}.example/x",),
        accepted_at=T0,
        changed_at=T0,
    )
    return replace(article, **changed)


def new(article_id: str = "a1", **changed: Any) -> Save:
    return Save(an_article(article_id, **changed), 0)


def a_publication(article_id: str = "a1", revision: int = 1, **changed: Any) -> Publication:
    item = Publication(article_id, revision, "published", T0, b'{"revision": %d}' % revision)
    return replace(item, **changed)


def a_decision(article_id: str = "a1", stamp: int = 1, **changed: Any) -> Decision:
    decision = Decision(
        article_id=article_id,
        stamp=stamp,
        version=1,
        revision=0,
        published=False,
        heat=44,
        lead=article_id,
        reason="below the bar",
        rules={"publish_at": 70},
        inputs={"quality": 44, "relatives": [{"id": "b1", "quality": 3}], "holders": []},
        decided_at=T0,
    )
    return replace(decision, **changed)


def a_piece(article_id: str = "a1", url: str = "https://p.example/1.jpg", **changed: Any) -> Parked:
    return replace(Parked(article_id, url, T0, 1, "it was slow"), **changed)


def a_picture(url: str = "https://p.example/1.jpg", **changed: Any) -> Picture:
    return replace(
        Picture(url, "cached", T0, "", "ab" * 32, "image/jpeg", 640, 480, 1, 5), **changed
    )


def a_signature(article_id: str = "a1", version: int = 1, **changed: Any) -> Signature:
    signature = Signature(
        article_id, version, T0, ("strike", "dock"), {"strike": 0.8, "dock": 0.6}, "column"
    )
    return replace(signature, **changed)


def a_rejected(record_id: str = "c/seeds/0/1", **changed: Any) -> Rejected:
    rejected = Rejected(
        id=record_id,
        service="ingest",
        topic="seeds",
        partition=0,
        offset=1,
        key=b"\xffkey",
        value=b"\xff\x00body",
        headers=(("junk", b"\xff\xfe"), ("none", None), ("junk", b"twice")),
        causes=(Cause("title", 3, "Expected a title."), Cause("", None, "whole")),
        rejected_at=T0,
    )
    return replace(rejected, **changed)


def a_beat(instance: str = "images-1", **changed: Any) -> Heartbeat:
    beat = Heartbeat(
        instance, "images", "host", 42, "working", T0, 7, {"received": 5, "odd.name": 1}, "fine"
    )
    return replace(beat, **changed)
