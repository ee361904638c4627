"""The outbox: saved states whose event Kafka has not acknowledged yet.

A state enters the outbox in the same atomic write that saves it, and leaves it once its event was
acknowledged. A crash between the two leaves it there, where a sweep finds it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

State = TypeVar("State")


class Outbox(Protocol[State]):
    """Articles, decisions and stories each have one.

    The states of one article or story are numbered upwards from 1: an article's versions, a
    decision's revisions, a story's versions.
    """

    async def find_unannounced(
        self,
        ids: Collection[str] | None = None,
        *,
        saved_before: datetime | None = None,
        limit: int | None = 500,
    ) -> list[State]:
        """The states not announced yet, of these ids or of all.

        Those of one id come in the order of their numbers. With *saved_before*, only those that
        were saved before that time; with None for *limit*, all of them.
        """

    async def mark_announced(self, numbers: Mapping[str, int]) -> None:
        """Take the states of each id up to this number out of the outbox. May be repeated."""
