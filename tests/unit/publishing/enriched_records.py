"""The records that publishing handles, and what it says by the events that it returns."""

import json
from collections.abc import Iterable

from shared.broker.records import Event, Record
from shared.events.article_events import build_article_enriched
from shared.events.cloud_event import read_kind
from shared.events.topics import ENRICHED, PUBLISHED_LOG
from tests.unit.publishing.memory_store import NOW


def make_records(*names: str) -> list[Record]:
    """Records of `articles.enriched`, one for each of these articles."""
    records: list[Record] = []
    for offset, name in enumerate(names):
        event = build_article_enriched(name, "related", f"{name}.v1")
        records.append(Record("c", ENRICHED, 0, offset, NOW, event.key, event.value, event.headers))
    return records


def read_log(events: Iterable[Event]) -> list[tuple[str, int, str]]:
    """The revisions for `published.log`: article, number and kind."""
    revisions: list[tuple[str, int, str]] = []
    for event in events:
        if event.topic == PUBLISHED_LOG:
            number = json.loads(event.value or b"")["revision"]
            revisions.append(((event.key or b"").decode(), number, read_kind(event)))
    return revisions


def read_woken(events: Iterable[Event]) -> list[str]:
    """The articles that are to be decided again."""
    return [(event.key or b"").decode() for event in events if event.topic == ENRICHED]
