"""A newsroom that exists in the published topics alone, and what is true of it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from shared.broker.records import Event
from shared.events.cloud_event import build_cloud_event, build_source_headers
from shared.events.public.articles import PublishedArticle, RetractedArticle
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE

SOURCE: Final = "https://conformance.seedwire.example/"
PUBLISHED_AT: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Revised:
    """One revision: what stands in the state, and what stands in the log."""

    state: Event
    log: Event


@dataclass
class Newsroom:
    """Makes the events of articles, and keeps which revision of each is to be shown.

    It sends nothing: a scenario decides which event goes where, when, and how often.
    """

    shown: dict[str, int] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    latest: dict[str, Revised] = field(default_factory=dict)

    def publish(self, name: str, **fields: Any) -> Revised:
        """The next revision of the article *name*; *fields* are added to its data."""
        revision = self._begin_revision(name)
        kind = "article.updated" if name in self.shown else "article.published"
        self.shown[name] = revision
        data = describe_article(name, revision) | fields
        log = build_article_event(PUBLISHED_LOG, kind, name, revision, data)
        return self._keep(name, Revised(replace(log, topic=PUBLISHED_STATE), log))

    def retract(self, name: str) -> Revised:
        """The revision that ends the article."""
        revision = self._begin_revision(name)
        del self.shown[name]
        data = describe_retraction(name, revision)
        log = build_article_event(PUBLISHED_LOG, "article.retracted", name, revision, data)
        return self._keep(name, Revised(build_tombstone(name, revision), log))

    def _begin_revision(self, name: str) -> int:
        revision = self.revisions[name] = self.revisions.get(name, 0) + 1
        return revision

    def _keep(self, name: str, revised: Revised) -> Revised:
        self.latest[name] = revised
        return revised


def describe_article(name: str, revision: int) -> dict[str, Any]:
    """The data of an article that is shown."""
    return PublishedArticle(
        id=name,
        revision=revision,
        story_id=f"s-{name}",
        type="article",
        title=f"{name}, as revision {revision} tells it",
        published_date_time=PUBLISHED_AT,
        url=f"https://paper.example/{name}",
        web_url=f"https://paper.example/{name}",
        quality=80,
        heat=80,
        published=True,
        lead=name,
        reason_code="stands-alone",
        reason="stands alone: 80, at or above 70",
        topics=["harbour"],
        images=[],
        related=[],
        filled_in=[],
    ).as_json()


def describe_retraction(name: str, revision: int) -> dict[str, Any]:
    return RetractedArticle(
        id=name,
        revision=revision,
        story_id=f"s-{name}",
        type="article",
        title=f"{name}, as revision {revision - 1} told it",
        published_date_time=PUBLISHED_AT,
        url=f"https://paper.example/{name}",
        web_url=f"https://paper.example/{name}",
        reason_code="below-threshold",
        reason="its heat fell to 60, below 70",
    ).as_json()


def build_article_event(
    topic: str, kind: str, name: str, revision: int, data: Mapping[str, Any]
) -> Event:
    event = build_cloud_event(
        topic,
        key=name,
        event_id=f"{name}.{revision}",
        kind=kind,
        data=json.dumps(data, ensure_ascii=False).encode(),
        time=PUBLISHED_AT,
    )
    return with_headers(event, build_source_headers(SOURCE))


def build_tombstone(name: str, revision: int) -> Event:
    event = build_cloud_event(
        PUBLISHED_STATE,
        key=name,
        event_id=f"{name}.{revision}.tombstone",
        kind="article.removed",
        data=None,
        time=PUBLISHED_AT,
    )
    return with_headers(event, build_source_headers(SOURCE))


def with_headers(event: Event, headers: Iterable[tuple[str, bytes | None]]) -> Event:
    return replace(event, headers=(*event.headers, *headers))
