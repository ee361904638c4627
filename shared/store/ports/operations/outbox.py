"""The outbox: saved states whose event Kafka has not acknowledged yet.

A state enters the outbox in the same atomic write that saves it, and leaves it once its event was
acknowledged. A crash between the two leaves it there, where a sweep finds it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, Protocol, TypeVar

from shared.errors import StoreUnavailable

State = TypeVar("State")

MAX_UNANNOUNCED: Final = 500
"""States of one id that may wait for their announcement. One or two do; so many only if something
saves them again and again, and none of them is sent."""


class OutboxFull(StoreUnavailable):
    """Too many states of one id wait for their announcement, or too large ones.

    Consequence: as of StoreUnavailable. Saving succeeds again once some of them are announced,
    which a periodic task does.
    """

    def __init__(self, state_id: str) -> None:
        super().__init__(
            f"too many saved states of {state_id} wait for their announcement to save another"
        )


class Outbox(Protocol[State]):
    """Articles, decisions and stories each have one.

    The states of one article or story are numbered upwards from 1: an article's versions, a
    decision's revisions, a story's versions. Saving one more than MAX_UNANNOUNCED of them raises
    OutboxFull. (Of an article only the current version waits.)
    """

    async def find_unannounced(
        self,
        ids: Collection[str] | None = None,
        *,
        saved_before: datetime | None = None,
        limit: int | None = 500,
    ) -> list[State]:
        """The states not announced yet, of these ids or of all.

        The ids that have waited longest come first, and those of one id in the order of their
        numbers, none of them left out. With *saved_before*, only those that were saved before that
        time, and their predecessors; with None for *limit*, all of them.
        """

    async def mark_announced(self, numbers: Mapping[str, int]) -> None:
        """Take the states of each id up to this number out of the outbox. May be repeated."""
