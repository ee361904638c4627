"""What an audit finds: each breach with the promise it breaks, its article, where it was seen and what mends it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.console.audit.repair_actions import Mend


class Promise(StrEnum):
    """What is promised; docs/audit.md has a row for each."""

    GAPLESS = "revisions-without-gaps"
    ORDER = "revisions-in-order"
    SAME_BYTES = "same-id-same-bytes"
    OURS = "only-our-events"  # a record in a published topic that no service of ours writes
    SAVED = "announced-was-saved"
    ANNOUNCED = "saved-is-announced"
    LOG = "log-equals-store"
    STATE = "state-equals-store"
    STORE = "store-agrees-with-itself"
    DECIDED = "every-article-decided"
    CURRENT = "shown-is-current"
    LEAD = "lead-is-stored"
    ALIASES = "aliases-resolve"
    RELATIONS = "relations-symmetric"
    PICTURES = "pictures-are-true"
    RECEIPTS = "every-drop-answered"
    REJECTED = "rejected-is-kept"


@dataclass(frozen=True)
class Place:
    """A record of a topic, a whole topic (*offset* -1), or a part of the store (then *topic* is empty)."""

    part: str = ""
    topic: str = ""
    partition: int = -1
    offset: int = -1

    def __str__(self) -> str:
        if not self.topic:
            return f"store: {self.part}"
        return self.topic if self.offset < 0 else f"{self.topic}/{self.partition}/{self.offset}"

    def as_json(self) -> dict[str, object]:
        if not self.topic:
            return {"store": self.part}
        record = {} if self.offset < 0 else {"partition": self.partition, "offset": self.offset}
        return {"topic": self.topic, **record}


def kept_in(part: str) -> Place:
    return Place(part=part)


@dataclass(frozen=True)
class Breach:
    """One promise that does not hold, for one article (empty: for none).

    *pending*: not a breach but work that is under way; with services at rest it should not be there. *mend* is None
    where nothing can be mended from what is left.
    """

    promise: Promise
    article_id: str
    sentence: str
    where: Place
    mend: Mend | None = None
    pending: bool = False
    title: str = ""

    def as_json(self) -> dict[str, object]:
        return {
            "class": "pending" if self.pending else "breach",
            "promise": self.promise.value,
            "articleId": self.article_id or None,
            "title": self.title or None,
            "sentence": self.sentence,
            "where": self.where.as_json(),
            "repair": str(self.mend) if self.mend else None,
        }


@dataclass(frozen=True)
class Report:
    """What an audit looked at and found. *found* has breaches first, then what is pending."""

    found: tuple[Breach, ...] = ()
    notes: tuple[str, ...] = ()  # sentences: what could not be judged, and why
    articles: int = 0
    events: int = 0  # records of published.log
    states: int = 0  # records of published.state
    pictures: int = 0  # cached
    drops: int = 0  # records of seeds that were taken in
    rejected: int = 0

    @property
    def breaches(self) -> tuple[Breach, ...]:
        return tuple(one for one in self.found if not one.pending)

    @property
    def pending(self) -> tuple[Breach, ...]:
        return tuple(one for one in self.found if one.pending)

    def is_clean(self, while_running: bool = False) -> bool:
        """No breach, and nothing pending unless services are at work."""
        return not self.breaches and (while_running or not self.pending)

    def as_json(self) -> dict[str, object]:
        """The summary: counts by promise too."""
        return {
            "class": "summary",
            "articles": self.articles,
            "events": self.events,
            "states": self.states,
            "pictures": self.pictures,
            "drops": self.drops,
            "rejected": self.rejected,
            "breaches": len(self.breaches),
            "pending": len(self.pending),
            "byPromise": dict(sorted(Counter(one.promise.value for one in self.breaches).items())),
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        waits = f", {len(self.pending)} pending" if self.pending else ""
        return (
            f"{self.articles} articles, {self.events} events, {len(self.breaches)} breaches{waits}"
        )


def ordered(found: Iterable[Breach]) -> tuple[Breach, ...]:
    """Each once: breaches before what is pending, by promise, then by article."""
    distinct = dict.fromkeys(found)
    return tuple(
        sorted(distinct, key=lambda one: (one.pending, one.promise, one.article_id, str(one.where)))
    )
