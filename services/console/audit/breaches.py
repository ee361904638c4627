"""What an audit reports: breaches, the promises they break, and the report that holds them all."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.console.audit.repairs.repair_actions import RepairAction
from services.console.counts import format_count


class Promise(StrEnum):
    """What Seedwire promises. docs/audit.md has a row for each."""

    GAPLESS = "revisions-without-gaps"
    ORDER = "revisions-in-order"
    SAME_BYTES = "same-id-same-bytes"
    OURS = "only-our-events"  # broken by a record that none of our services writes
    SAVED = "announced-was-saved"
    ANNOUNCED = "saved-is-announced"
    LOG = "log-equals-store"
    STATE = "state-equals-store"
    STORE = "store-agrees-with-itself"
    DECIDED = "every-article-decided"
    CURRENT = "shown-is-current"
    LEAD = "lead-is-stored"
    LISTED = "lists-agree"
    ALIASES = "aliases-resolve"
    RELATIONS = "relations-symmetric"
    PICTURES = "pictures-are-true"
    RECEIPTS = "every-drop-answered"
    REJECTED = "rejected-is-kept"


@dataclass(frozen=True)
class Place:
    """A record of a topic, a whole topic (*offset* is -1) or a part of the store (no *topic*)."""

    part: str = ""
    topic: str = ""
    partition: int = -1
    offset: int = -1

    def __str__(self) -> str:
        if not self.topic:
            return f"store: {self.part}"
        if self.offset < 0:
            return self.topic
        return f"{self.topic}/{self.partition}/{self.offset}"

    def as_json(self) -> dict[str, object]:
        if not self.topic:
            return {"store": self.part}
        if self.offset < 0:
            return {"topic": self.topic}
        return {"topic": self.topic, "partition": self.partition, "offset": self.offset}


def store_place(part: str) -> Place:
    return Place(part=part)


@dataclass(frozen=True)
class Breach:
    """One promise that does not hold for one article; *article_id* is empty if none is concerned.

    *story_id* is given where it is about a story. *pending* marks work under way rather than a
    breach; once services are at rest there should be none. *repair_action* is None where the data
    that remains does not allow a repair.
    """

    promise: Promise
    article_id: str
    sentence: str
    where: Place
    repair_action: RepairAction | None = None
    pending: bool = False
    title: str = ""
    story_id: str = ""

    def as_json(self) -> dict[str, object]:
        return {
            "class": "pending" if self.pending else "breach",
            "promise": self.promise.value,
            "articleId": self.article_id or None,
            "storyId": self.story_id or None,
            "title": self.title or None,
            "sentence": self.sentence,
            "where": self.where.as_json(),
            "repair": str(self.repair_action) if self.repair_action else None,
        }


@dataclass(frozen=True)
class Report:
    """What an audit looked at, and what it found: breaches first, then pending work."""

    found: tuple[Breach, ...] = ()
    notes: tuple[str, ...] = ()  # sentences: what could not be checked, and why
    articles: int = 0
    events: int = 0  # records of published.log
    states: int = 0  # records of published.state
    stories: int = 0  # with members or ended
    pictures: int = 0  # cached ones
    drops: int = 0  # records of seeds that ingest has committed
    rejected: int = 0

    @property
    def breaches(self) -> tuple[Breach, ...]:
        return tuple(breach for breach in self.found if not breach.pending)

    @property
    def pending(self) -> tuple[Breach, ...]:
        return tuple(breach for breach in self.found if breach.pending)

    def is_clean(self, while_running: bool = False) -> bool:
        """No breach, and nothing pending either unless services are running."""
        if self.breaches:
            return False
        return while_running or not self.pending

    def as_json(self) -> dict[str, object]:
        """The summary, with the number of breaches of each promise."""
        by_promise = Counter(breach.promise.value for breach in self.breaches)
        return {
            "class": "summary",
            "articles": self.articles,
            "events": self.events,
            "states": self.states,
            "stories": self.stories,
            "pictures": self.pictures,
            "drops": self.drops,
            "rejected": self.rejected,
            "breaches": len(self.breaches),
            "pending": len(self.pending),
            "byPromise": dict(sorted(by_promise.items())),
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        parts = [
            format_count(self.articles, "article"),
            format_count(self.events, "event"),
            format_count(len(self.breaches), "breach", "breaches"),
        ]
        if self.pending:
            parts.append(f"{len(self.pending)} pending")
        return ", ".join(parts)


def sort_breaches(found: Iterable[Breach]) -> tuple[Breach, ...]:
    """Drop repeats; sort breaches before pending work, then by promise and article."""
    distinct = dict.fromkeys(found)
    return tuple(sorted(distinct, key=_sort_key))


def _sort_key(breach: Breach) -> tuple[bool, Promise, str, str, str]:
    where = str(breach.where)
    return breach.pending, breach.promise, breach.article_id, breach.story_id, where
