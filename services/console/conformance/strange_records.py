"""Records that a consumer must get over: from a later version, from strangers, or very large."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from services.console.conformance.newsroom import (
    Revised,
    build_article_event,
    describe_article,
    with_headers,
)
from shared.broker.records import Event
from shared.budgets import MAX_EVENT_BYTES
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE

LATER_FIELDS: Final[Mapping[str, Any]] = {
    "type": "podcast",  # enumerations are open
    "reasonCode": "editors-choice",
    "duration": 1800,
    "chapters": [{"title": "One", "at": 0.5}],
    "sponsor": {"name": "Harbour Savings", "since": None},
    "extra": {"revision": 99, "id": "another", "desk": {"name": "night"}},
    "images": [{"url": "https://paper.example/1.png", "isCached": False, "focus": [0.5, 0.2]}],
}

_TOPICS: Final = (PUBLISHED_STATE, PUBLISHED_LOG)

# With the key, the headers and Kafka's own framing, the event has MAX_EVENT_BYTES or a few less.
LARGEST_BODY: Final = "x" * (MAX_EVENT_BYTES - 1_500)


def with_later_headers(revised: Revised) -> Revised:
    """The same with headers that no version had yet, of which one is not text."""
    later = (("ce_partitionkey", b"7"), ("x-bytes", b"\xff\xfe\x00"), ("x-null", None))
    return Revised(with_headers(revised.state, later), with_headers(revised.log, later))


def build_later_types(name: str) -> list[Event]:
    """Events about *name* whose types nobody knows; they change nothing of what is shown."""
    data = describe_article(name, 99)
    return [
        _retype(build_article_event(topic, kind, name, 99, data), suffix)
        for topic in _TOPICS
        for kind, suffix in (("article.annotated", ".v1"), ("article.published", ".v2"))
    ]


def _retype(event: Event, suffix: str) -> Event:
    headers: list[tuple[str, bytes | None]] = []
    for key, value in event.headers:
        if key == "ce_type" and value is not None:
            value = value.removesuffix(b".v1") + suffix.encode()
        headers.append((key, value))
    return replace(event, headers=tuple(headers))


def build_junk(name: str) -> list[Event]:
    """Records that say nothing of any article, although some seem to speak of *name*."""
    whole = build_article_event(
        PUBLISHED_LOG, "article.updated", name, 99, describe_article(name, 99)
    )
    lacking = {"id": name, "revision": 99}
    keyed = [
        replace(whole, headers=()),
        replace(whole, value=b"not JSON"),
        replace(whole, value=b""),
        replace(whole, value=b"[1, 2]"),
        replace(whole, value=b'"text"'),
        replace(whole, value=b"\xff\xfe"),
        replace(whole, value=json.dumps(lacking | {"revision": "many"}).encode()),
        replace(whole, value=json.dumps({"revision": 99}).encode()),
        replace(whole, headers=(("ce_type", b"\xff"), ("ce_type", None))),
        replace(whole, key=b"\xff\xfe", headers=()),
    ]
    in_state = [replace(event, topic=PUBLISHED_STATE) for event in keyed]
    without_key = replace(whole, key=None, headers=())  # Kafka takes none in a compacted topic
    without_value = replace(whole, value=None)
    return [*in_state, *keyed, without_key, without_value]
