"""The events Seedwire sends, as CloudEvents 1.0 in Kafka's binary mode: attributes in headers, data in the value.

Internal events carry ids alone: whoever reads one looks the article up in the store, and so sees its newest state.
Ids are deterministic, so an event that is sent twice is the same event.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from shared.broker.records import (
    ArticleAnnounced,
    Event,
    Headers,
    Record,
    RevisionAnnounced,
    Settles,
    StoryAnnounced,
)
from shared.broker.topics import (
    ENRICHED,
    INGESTED,
    PUBLISHED_LOG,
    PUBLISHED_STATE,
    RECEIPTS,
    REJECTED,
    STORIES_LOG,
    WANTED,
)
from shared.errors import Unprocessable
from shared.store.ports.articles import StoredArticle
from shared.store.ports.decisions import Publication
from shared.store.ports.rejected import Cause, Rejected
from shared.store.ports.stories import Notice

ATTEMPT = "seedwire-attempt"
"""Header of a record that was rejected and is sent again: how often, in decimal digits."""
WANTED_AGAIN = "picture.wanted.again"


def ingested(article: StoredArticle) -> Event:
    """An article has a new version. Settles its announcement."""
    return _cloud_event(
        INGESTED,
        key=article.id,
        event_id=f"{article.id}.v{article.version}",
        kind="article.ingested",
        data={"articleId": article.id, "version": article.version},
        time=article.changed_at,
        settles=ArticleAnnounced(article.id, article.version),
    )


def enriched(touched: str, stage: str, cause: str, settles: Settles | None = None) -> Event:
    """What *touched* shows may have changed: *stage* worked on *cause* (`<article id>.v<version>` or parked work)."""
    return _cloud_event(
        ENRICHED,
        key=touched,
        event_id=f"{touched}.{stage}.{cause}",
        kind="article.enriched",
        data={"articleId": touched, "stage": stage, "cause": cause},
        settles=settles,
    )


def wanted(article_id: str, url: str, host: str, cause: str, again: bool = False) -> Event:
    """*article_id* waits for the picture at *url*: to whoever owns *host*. *cause* as in `enriched`.

    *again*: it was parked, and may take long.
    """
    return _cloud_event(
        WANTED,
        key=host,
        event_id=f"{article_id}.wanted.{name_of(url)}.{cause}",
        kind=WANTED_AGAIN if again else "picture.wanted",
        data={"articleId": article_id, "url": url},
    )


def name_of(url: str) -> str:
    """A short name of *url* for event ids."""
    return hashlib.sha256(url.encode(errors="surrogatepass")).hexdigest()[:12]


def receipt(
    record: Record, status: str, article_id: str | None, causes: Sequence[Cause] = ()
) -> Event:
    """What became of one drop. `seed` says which record it was; `path` is echoed from its header, if it had one."""
    data = {
        "seed": {"topic": record.topic, "partition": record.partition, "offset": record.offset},
        "path": record.header("path"),
        "status": status,
        "articleId": article_id,
        "errors": [{"field": c.field, "line": c.line, "message": c.message} for c in causes],
    }
    key = article_id.encode() if article_id else record.key
    return _cloud_event(
        RECEIPTS, key=key, event_id=f"receipt.{record.id}", kind="seed.receipt", data=data
    )


def rejection(
    record: Record, service: str, causes: Sequence[Cause], at: datetime
) -> tuple[Rejected, Event]:
    """A refused record, to keep and to announce: original bytes, key and headers, where it came from and why."""
    rejected = Rejected(
        id=record.id,
        service=service,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=record.headers,
        causes=tuple(causes),
        rejected_at=at,
        attempts=_attempts(record),
    )
    why = orjson.dumps([{"field": c.field, "line": c.line, "message": c.message} for c in causes])
    origin: Headers = (
        ("seedwire-record", record.id.encode()),
        ("seedwire-service", service.encode()),
        ("seedwire-causes", why),
    )
    # Kafka's clients refuse a record with neither key nor value: an empty value stands for that null.
    value = b"" if record.key is None and record.value is None else record.value
    return rejected, Event(REJECTED, record.key, value, (*record.headers, *origin))


def _attempts(record: Record) -> int:
    said = record.header(ATTEMPT) or ""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 5 else 0


def publication(item: Publication) -> list[Event]:
    """One revision for the log, and for the compacted state: the latest state, or a tombstone once retracted."""
    settles = RevisionAnnounced(item.article_id, item.revision)
    log, state = (
        _cloud_event(
            topic,
            key=item.article_id,
            event_id=f"{item.article_id}.{item.revision}",
            kind=f"article.{item.kind}",
            data=item.data,
            time=item.at,
            settles=settles,
        )
        for topic in (PUBLISHED_LOG, PUBLISHED_STATE)
    )
    if item.kind == "retracted":
        state = Event(state.topic, state.key, None, state.headers, settles)
    return [log, state]


def story_told(notice: Notice) -> Event:
    """One version of a story. Settles its notice."""
    return _cloud_event(
        STORIES_LOG,
        key=notice.story_id,
        event_id=f"{notice.story_id}.{notice.version}",
        kind=f"story.{notice.kind}",
        data=notice.data,
        time=notice.at,
        settles=StoryAnnounced(notice.story_id, notice.version),
    )


def article_ids(records: Sequence[Record]) -> list[str]:
    """The distinct articles that `articles.*` records are about, in order. Raises Unprocessable for any other one."""
    return list(dict.fromkeys(_article_id(record) for record in records))


def is_wanted_again(record: Record) -> bool:
    return record.header("ce_type") == WANTED_AGAIN


def wanted_pictures(records: Sequence[Record]) -> dict[str, list[str]]:
    """The URLs that `pictures.wanted` records ask for, each with its articles. Raises Unprocessable for any other."""
    wanted: dict[str, list[str]] = {}
    for record in records:
        article_id, url = _article_id(record), _field(record, "url")
        wanted.setdefault(url, []).append(article_id)
    return {url: list(dict.fromkeys(ids)) for url, ids in wanted.items()}


def _article_id(record: Record) -> str:
    return _field(record, "articleId")


def _field(record: Record, name: str) -> str:
    try:
        return str(orjson.loads(record.value or b"")[name])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Unprocessable(
            f"{record.id} is no event of ours: expected JSON with {name}"
        ) from error


def _cloud_event(
    topic: str,
    *,
    key: str | bytes | None,
    event_id: str,
    kind: str,
    data: dict[str, Any] | bytes,
    time: datetime | None = None,
    settles: Settles | None = None,
) -> Event:
    raw_key = key.encode() if isinstance(key, str) else key
    headers = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_source": "/seedwire",
        "ce_type": kind,
        "ce_subject": raw_key.decode(errors="replace") if raw_key else "",
        "ce_time": time.isoformat().replace("+00:00", "Z") if time else "",
        "content-type": "application/json",
        "traceparent": _traceparent(raw_key or b"", event_id),
    }
    value = data if isinstance(data, bytes) else orjson.dumps(data)
    return Event(
        topic, raw_key, value, tuple((k, v.encode()) for k, v in headers.items() if v), settles
    )


def _traceparent(subject: bytes, event_id: str) -> str:
    """W3C trace context: one trace an article, one span an event, the same for a repeat."""
    trace = hashlib.sha256(subject).hexdigest()[:32]
    span = hashlib.sha256(event_id.encode()).hexdigest()[:16]
    return f"00-{trace}-{span}-01"
