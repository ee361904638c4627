"""The feed snapshot: what the articles of a feed have in common, as linking published it last."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class FeedSnapshot:
    """What linking compares articles against, and which reader made their directions.

    `centre` is the mean direction of the feed's articles as linking packs it, `narrowness` how much
    they have in common. `is_applied` says that the articles that depend on it were marked dirty
    since it was published. `formula` numbers the way in which it was computed; 0 if whoever
    published it did not say, as versions before step 7 of the schema.
    """

    version: int
    reader: str
    centre: bytes
    narrowness: float
    is_applied: bool = False
    formula: int = 0


class Feed(Protocol):
    """Only enrichment/related writes here."""

    async def get_snapshot(self) -> FeedSnapshot | None:
        """The latest snapshot; None before the first."""

    async def publish(self, snapshot: FeedSnapshot) -> bool:
        """Publish the next version, which is counted from 1.

        Returns False if someone else has published it: then read it.
        """

    async def mark_applied(self, version: int) -> None:
        """Record that the articles that depend on this version are marked dirty. May be repeated.

        Does nothing if there is a later version.
        """
