"""Keeps the feed snapshot: which reader a store belongs to, and the statistics of its feed."""

import logging
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from services.enrichment.related.features.readers import Reader, is_reader_name
from services.enrichment.related.judging.feed_statistics import (
    FORMULA,
    FeedStatistics,
    Formula,
    choose_basis,
    pack_statistics,
    unpack_statistics,
)
from services.enrichment.related.linking.formula_precedence import (
    describe_precedence,
    find_preceding_workers,
)
from shared import failpoints
from shared.clock import Clock, now
from shared.errors import SettingsError
from shared.store import FeedSnapshot, Heartbeat, Store

log = logging.getLogger(__name__)

# New statistics apply to so many of the newest articles; older ones follow when they change.
MAX_MARKED: Final = 20_000


class FeedKeeper:
    """Any number of workers may keep the snapshot of one store at once."""

    def __init__(self, reader: Reader, clock: Clock, formula: Formula = FORMULA) -> None:
        self._reader = reader
        self._formula = formula
        self._clock = clock
        self._last_basis_end = -1  # where the basis of the last look ended; none at first
        self._is_preceded = False  # by workers of another formula, at the last look

    def describe_reader(self) -> str:
        """For people."""
        return self._reader.describe()

    async def load(self, store: Store) -> FeedStatistics:
        """Load the statistics that hold now, and publish the first ones of an empty store.

        Raises SettingsError if another reader has read the articles of the store.
        """
        return unpack_statistics(await self._load_snapshot(store))

    async def refresh(self, store: Store) -> bool:
        """Publish new statistics if the store's articles say so; returns whether they did.

        Not while workers of another version keep them by a formula that precedes this one. All
        articles to which the latest apply are marked dirty afterwards. May be repeated.
        """
        current = await self._load_snapshot(store)
        computed = await _compute(store, self._reader, self._formula)
        is_other = not computed.is_same_as(unpack_statistics(current))
        is_new = is_other and not await self._find_preceding(current, store)
        if is_new:
            following = replace(computed, version=current.version + 1)
            # If another worker was faster, its marks are set here a second time.
            await store.feed.publish(self._pack(following))
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

    async def _load_snapshot(self, store: Store) -> FeedSnapshot:
        snapshot = await store.feed.get_snapshot()
        if snapshot is None:
            snapshot = await self._publish_first(store)
        self._require_own_reader(snapshot)
        return snapshot

    async def _find_preceding(self, snapshot: FeedSnapshot, store: Store) -> list[Heartbeat]:
        """Find the workers whose statistics this one links by, and log when that begins."""
        heartbeats = await store.workers.list_heartbeats()
        preceding = find_preceding_workers(snapshot, heartbeats, self._clock(), self._formula)
        if preceding and not self._is_preceded:
            log.warning("%s", describe_precedence(preceding))
        self._is_preceded = bool(preceding)
        return preceding

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
        first = replace(self._formula.compute([], self._reader), version=1)
        snapshot = replace(self._pack(first), is_applied=True)
        await store.feed.publish(snapshot)
        return await store.feed.get_snapshot() or snapshot

    def _pack(self, statistics: FeedStatistics) -> FeedSnapshot:
        return pack_statistics(statistics, self._reader, self._formula)

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


async def has_current_statistics(snapshot: FeedSnapshot, store: Store, clock: Clock = now) -> bool:
    """Whether workers of this version would leave *snapshot* as it is.

    It has the statistics of the articles in the store, or is kept by workers whose formula precedes
    this version's; and all that it applies to was marked dirty. Reads 4,096 directions at most.
    Raises StoreUnavailable, or SettingsError if this version does not know its reader.
    """
    reader = get_reader_of(snapshot)
    if not snapshot.is_applied:
        return False
    computed = await _compute(store, reader, FORMULA)
    if computed.is_same_as(unpack_statistics(snapshot)):
        return True
    heartbeats = await store.workers.list_heartbeats()
    return bool(find_preceding_workers(snapshot, heartbeats, clock(), FORMULA))


def get_reader_of(snapshot: FeedSnapshot) -> Reader:
    """The reader of the store's articles, without a model: it compares directions, and makes none.

    Raises SettingsError if this version does not know it.
    """
    if is_reader_name(snapshot.reader):
        return Reader(snapshot.reader)
    raise SettingsError(
        f"the articles of this store were read by the reader {snapshot.reader}, which this version"
        " of Seedwire does not know: use the version that its workers have"
    )


async def _compute(store: Store, reader: Reader, formula: Formula) -> FeedStatistics:
    basis = choose_basis(await store.signatures.count())
    directions: Collection[bytes] = []
    if basis.limit:
        directions = await store.signatures.list_directions(*basis)
    return formula.compute([*directions], reader)
