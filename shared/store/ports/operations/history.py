"""History in the store: what became of each article and story, and every human act.

An entry of an article or a story is written in the same atomic write as the state that it tells of:
so it is there exactly if that state was saved, once, whatever process dies. Only the latest entries
of each are kept. An act is recorded before it is done, and answered after: one without an outcome
was begun by a process that died, and may or may not have been done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, Protocol

MAX_ENTRIES: Final = 40
"""Entries that are kept of one subject and source. A live report that is updated every ten minutes
has some hours of them; ten kilobytes are still read and written in one piece."""

MAX_ACTS: Final = 100_000
"""Acts that are kept: thirty a day for nine years."""

MAX_ACT_SUBJECTS: Final = 500
"""Subjects under which one act is found; an act on more of them says how many there were."""

MAX_REASON_CHARACTERS: Final = 500
"""Of an entry and of an act. A longer reason is cut."""

Source = Literal["version", "decision", "story"]
"""What an entry tells of: a version of an article, a decision about it, a version of a story."""


@dataclass(frozen=True)
class HistoryEntry:
    """One saved state of an article or a story, as far as its history tells of it.

    `number` counts the states of the subject and source from 1. `kind` says what happened:
    `accepted` or `updated` of a version, `published`, `updated`, `retracted` or `decided` of a
    decision, and the kind of its event of a story. `details` has JSON values.
    """

    subject: str  # the id of the article or story
    source: Source
    number: int
    at: datetime
    kind: str
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Act:
    """What a person did, or had done: who, when, why, and what came of it.

    `id` is derived from its cause, such as one form that was sent, so that a repeat is the same
    act. `subjects` are ids of articles, stories and rejected records. `outcome` is a sentence, and
    empty as long as nothing is known.
    """

    id: str
    kind: str  # what was done, for example `redrive`
    by: str
    at: datetime
    reason: str = ""
    subjects: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = ""
    answered_at: datetime | None = None

    @property
    def position(self) -> "ActPosition":
        return ActPosition(self.at, self.id)


class ActPosition(NamedTuple):
    """Where an act stands in the log; the next page begins after it."""

    at: datetime
    act_id: str


class History(Protocol):
    """What saves articles, decisions and stories writes entries; the console writes acts."""

    async def list_article(self, article_id: str) -> list[HistoryEntry]:
        """The kept entries of an article, the latest first."""

    async def list_story(self, story_id: str) -> list[HistoryEntry]:
        """The kept entries of a story, the latest first."""

    async def record_act(self, act: Act) -> Act:
        """Keep the act, unless one of its id is there; returns the one that is kept.

        Acts beyond the latest MAX_ACTS go.
        """

    async def answer_act(
        self, act_id: str, outcome: str, at: datetime, details: Mapping[str, Any] | None = None
    ) -> None:
        """Note what came of an act, with JSON values. May be repeated: the last outcome stays."""

    async def get_act(self, act_id: str) -> Act | None: ...

    async def list_acts(
        self, subject: str = "", after: ActPosition | None = None, limit: int = 50
    ) -> list[Act]:
        """Acts, the latest first, from the position *after* on: all, or those of one subject."""
