"""What a reader of the published topics learns, change by change."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

from shared.events.public.block import PublicBlock

Shown = TypeVar("Shown", bound=PublicBlock)
Ended = TypeVar("Ended", bound=PublicBlock)


@dataclass(frozen=True)
class Upsert(Generic[Shown]):
    """Show this, in place of any earlier revision of it."""

    id: str
    revision: int
    data: Shown


@dataclass(frozen=True)
class Removal(Generic[Ended]):
    """Show it no longer. It may be that it was never shown."""

    id: str
    revision: int
    """The revision that ended it; the last one known if it ended while nobody read."""
    data: Ended | None
    """Why it ended and what follows it; None if the removal was learned from a snapshot."""


Change: TypeAlias = Upsert[Shown] | Removal[Ended]

ProblemKind: TypeAlias = Literal["junk", "gap", "expired", "new-cluster"]


@dataclass(frozen=True)
class Problem:
    """Something went wrong, and was dealt with.

    | kind        | what was done                                    |
    | junk        | the record was skipped                           |
    | gap         | revisions were missed: a new snapshot was taken  |
    | expired     | records were deleted before they were read: same |
    | new-cluster | the topics are new: they were read from anew     |
    """

    kind: ProblemKind
    sentence: str
