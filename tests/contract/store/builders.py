"""Builders of what a store keeps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.store import (
    ArticleWrite,
    Cause,
    Decision,
    Heartbeat,
    ParkedFetch,
    Picture,
    RejectedRecord,
    Revision,
    Signature,
    StoredArticle,
    TitleWord,
)
from shared.trace_context import TraceContext

T0 = datetime(2026, 3, 2, 12, 0, 0, 123_000, tzinfo=UTC)
A_TRACE = TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a=b c,d=e")
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
        trace=A_TRACE,
    )
    return replace(article, **changed)


def a_first_write(article_id: str = "a1", **changed: Any) -> ArticleWrite:
    return ArticleWrite(an_article(article_id, **changed), 0)


def a_revision(article_id: str = "a1", number: int = 1, **changed: Any) -> Revision:
    revision = Revision(article_id, number, "published", T0, b'{"revision": %d}' % number, A_TRACE)
    return replace(revision, **changed)


def a_decision(article_id: str = "a1", stamp: int = 1, **changed: Any) -> Decision:
    decision = Decision(
        article_id=article_id,
        stamp=stamp,
        version=1,
        revision=0,
        published=False,
        heat=44,
        lead=article_id,
        reason="below the publish threshold",
        rules={"publish_at": 70},
        inputs={"quality": 44, "relatives": [{"id": "b1", "quality": 3}], "holders": []},
        decided_at=T0,
    )
    return replace(decision, **changed)


def a_parked_fetch(
    article_id: str = "a1", url: str = "https://p.example/1.jpg", **changed: Any
) -> ParkedFetch:
    return replace(ParkedFetch(article_id, url, T0, 1, "it was slow"), **changed)


def a_picture(url: str = "https://p.example/1.jpg", **changed: Any) -> Picture:
    picture = Picture(url, "cached", T0, "", "ab" * 32, "image/jpeg", 640, 480, 1, 5)
    return replace(picture, **changed)


def a_signature(article_id: str = "a1", version: int = 1, **changed: Any) -> Signature:
    vector = {"strike": 0.8, "dock": 0.6}
    title = (TitleWord("docks", "name", ("dock",)), TitleWord("strike", "word", ("strike",)))
    signature = Signature(
        article_id, version, T0, ("strike", "dock"), vector, title, "tide.example"
    )
    return replace(signature, **changed)


def a_rejected_record(record_id: str = "c/seeds/0/1", **changed: Any) -> RejectedRecord:
    record = RejectedRecord(
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
        recorded_at=T0 - timedelta(seconds=3),
    )
    return replace(record, **changed)


def a_heartbeat(instance: str = "images-1", **changed: Any) -> Heartbeat:
    counts = {"received": 5, "odd.name": 1}
    heartbeat = Heartbeat(instance, "images", "host", 42, "working", T0, 7, counts, "fine")
    return replace(heartbeat, **changed)
