"""Keeps the feed snapshot: which reader a store belongs to, and the statistics of its feed."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from services.enrichment.related.features.readers import DIMENSIONS, Reader
from services.enrichment.related.judging.feed_statistics import (
    FeedStatistics,
    choose_basis,
    compute_statistics,
    pack_statistics,
    unpack_statistics,
)
from shared import failpoints
from shared.clock import Clock
from shared.errors import SettingsError
from shared.store import FeedSnapshot, Store

# New statistics apply to so many of the newest articles; older ones follow when they change.
MAX_MARKED: Final = 20_000


class FeedKeeper:
    """Any number of workers may keep the snapshot of one store at once."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._last_basis_end = -1  # where the basis of the last look ended; none at first

    def describe_reader(self) -> str:
        """For people."""
        return self._reader.describe()

    async def load(self, store: Store) -> FeedStatistics:
        """Load the statistics that hold now, and publish the first ones of an empty store.

        Raises SettingsError if another reader has read the articles of the store.
        """
        snapshot = await store.feed.get_snapshot()
        if snapshot is None:
            snapshot = await self._publish_first(store)
        self._require_own_reader(snapshot)
        return unpack_statistics(snapshot)

    async def refresh(self, store: Store) -> bool:
        """Publish new statistics if the store's articles say so; returns whether they did.

        All articles to which they apply are marked dirty afterwards. May be repeated.
        """
        current = await self.load(store)
        computed = await _compute(store, self._reader)
        is_new = not computed.is_same_as(current)
        if is_new:
            following = replace(computed, version=current.version + 1)
            # If another worker was faster, its marks are set here a second time.
            await store.feed.publish(pack_statistics(following, self._reader))
            await failpoints.hit("statistics-published")
        await self._apply(store)
        return is_new

    async def refresh_if_grown(self, store: Store) -> bool:
        """Refresh if the articles have become enough for a larger basis since the last call.

        Returns whether it published new statistics: before the articles of the batch that calls it
        are through the stage, so that whoever waits for them waits for what follows from the
        statistics too.
        """
        count = await store.signatures.count()
        basis = choose_basis(count)
        basis_end = count - basis.skip
        if basis.limit == 0 or basis_end == self._last_basis_end:
            return False
        is_new = await self.refresh(store)
        self._last_basis_end = basis_end
        return is_new

    async def _apply(self, store: Store) -> None:
        """Mark the articles that the latest statistics apply to, unless that was done."""
        snapshot = await store.feed.get_snapshot()
        if snapshot is None or snapshot.is_applied:
            return
        newest = await store.signatures.list_newest_ids(MAX_MARKED)
        await store.neighbourhoods.mark_dirty(newest, self._clock())
        await failpoints.hit("feed-marked")
        await store.feed.mark_applied(snapshot.version)

    async def _publish_first(self, store: Store) -> FeedSnapshot:
        """Publish the statistics of general news, which need not be applied to anything."""
        first = replace(compute_statistics([], self._reader), version=1)
        snapshot = replace(pack_statistics(first, self._reader), is_applied=True)
        await store.feed.publish(snapshot)
        return await store.feed.get_snapshot() or snapshot

    def _require_own_reader(self, snapshot: FeedSnapshot) -> None:
        own = self._reader.name
        if snapshot.reader == own:
            return
        advice = "set SEEDWIRE_RELATED_MODEL=off for this worker"
        if snapshot.reader == "minilm":
            advice = "run `make model`, and set SEEDWIRE_RELATED_MODEL to auto or on"
        raise SettingsError(
            f"the articles of this store were read by the reader {snapshot.reader}, but this"
            f" process has the reader {own}, whose directions cannot be compared with those:"
            f" {advice}, or use another store"
        )


async def has_current_statistics(snapshot: FeedSnapshot, store: Store) -> bool:
    """Whether *snapshot* has the statistics of the articles in the store.

    All that it applies to must be marked dirty, too. One of a reader that this version does not
    know is not current. Reads 4,096 directions at most. Raises StoreUnavailable.
    """
    if snapshot.reader not in DIMENSIONS:
        return False
    computed = await _compute(store, Reader(snapshot.reader))
    return snapshot.is_applied and computed.is_same_as(unpack_statistics(snapshot))


async def _compute(store: Store, reader: Reader) -> FeedStatistics:
    basis = choose_basis(await store.signatures.count())
    directions: Collection[bytes] = []
    if basis.limit:
        directions = await store.signatures.list_directions(*basis)
    return compute_statistics([*directions], reader)
