"""Finds what the articles of a batch are near to, in the whole store.

Insert first: the signatures of the batch are in the store before anyone looks for candidates, so of two articles in
flight at least one sees the other, in whatever order they come and whoever handles them. After writing, the signatures
that were written about are asked for once more: one that moved on meanwhile is judged again.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

import numpy as np

from services.enrichment.related.features.feature_cache import Readings
from services.enrichment.related.features.word_vectors import Table
from services.enrichment.related.linking.pair_score import scores
from shared import failpoints
from shared.clock import Clock
from shared.errors import StoreAway
from shared.store import Signature, Store

ROUNDS = 20  # a neighbourhood that changes under us so often in a row is a sick store, not news
AT_ONCE = 16  # articles that are scored together: more would not stay in the processor's cache
LOOKS = 40  # candidates that are looked at closer, the best at first look

Changes = dict[str, dict[str, float | None]]
Others = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Reach:
    """How far candidates are looked for, and from which pair score on an article is near to another."""

    window: timedelta
    per_term: int
    near: float = 0.2

    def holds(self, readings: Readings, one: int, two: int) -> bool:
        """Whether one would still be looked for around the other: then what was found once stands."""
        days = self.window / timedelta(days=1)
        in_time = abs(readings.days[one] - readings.days[two]) <= days
        return bool(in_time) and not readings.terms[one].isdisjoint(readings.terms[two])


class Linker:
    """Puts articles into each other's near lists. Any number may work at once."""

    def __init__(self, reach: Reach, table: Table, clock: Clock) -> None:
        self._reach = reach
        self._table = table
        self._clock = clock
        self._readings = Readings(table)

    async def place(self, signatures: Sequence[Signature], store: Store) -> None:
        """Save *signatures*, put the articles into near lists, and mark all whose neighbourhood changed.

        Raises StoreAway, and may then be repeated.
        """
        await store.relations.save(signatures)
        await failpoints.reached("signed")
        readings = self._memory()
        readings.take(signatures)
        for _ in range(ROUNDS):
            if not signatures:
                return
            judged = await self._place(signatures, readings, store)
            signatures = await _moved_on(judged, store)
        raise StoreAway(f"the signatures around {len(signatures)} articles did not settle")

    def _memory(self) -> Readings:
        """What was read before; forgotten all at once when it is too much."""
        if self._readings.is_full:
            self._readings = Readings(self._table)
        return self._readings

    async def _place(
        self, signatures: Sequence[Signature], readings: Readings, store: Store
    ) -> dict[str, int]:
        """Judge *signatures* against their candidates. Returns those of whom something was written, and their versions.

        A stranger that moves on and is one no more finds these itself, since they are saved.
        """
        ids = [signature.article_id for signature in signatures]
        found = await store.relations.candidates(
            signatures, self._reach.window, self._reach.per_term
        )
        standing = await _standing(ids, store)
        fresh = {
            one: candidates - standing[one].keys()
            for one, candidates in zip(ids, found, strict=True)
        }
        seen = await readings.get({*ids}.union(*fresh.values(), *standing.values()), store)
        changes = self._changes(fresh, standing, seen, readings)
        versions = {one: readings.versions[seen[one]] for one in changes if one in seen}
        await store.relations.unsettle(_moving(changes, standing), self._clock())
        felt = await store.relations.amend(changes)
        await failpoints.reached("placed")
        await store.relations.unsettle(felt.union(ids), self._clock())
        return versions

    def _changes(
        self, fresh: Others, standing: Others, seen: Mapping[str, int], readings: Readings
    ) -> Changes:
        """What to write into the near lists of both ends. What stood goes, unless it holds and is near as ever."""
        held = {
            one: [
                other
                for other in others
                if other in seen and self._reach.holds(readings, seen[one], seen[other])
            ]
            for one, others in standing.items()
            if one in seen
        }
        changes: Changes = {one: {} for one in fresh}
        entries = chain(
            ((one, other, None) for one, others in standing.items() for other in others),
            self._near(fresh, seen, readings, LOOKS),
            self._near(held, seen, readings, None),
        )
        for one, other, score in entries:
            changes[one][other] = score
            changes.setdefault(other, {})[one] = score
        return changes

    def _near(
        self, wanted: Others, seen: Mapping[str, int], readings: Readings, looks: int | None
    ) -> Iterator[tuple[str, str, float]]:
        """Those of the *wanted* others that each article is near to, with their scores."""
        there = [one for one in wanted if one in seen and wanted[one]]
        if not there:
            return
        ordered = sorted(
            seen
        )  # of candidates that are alike the smaller ids are looked at, whoever looks
        place = {one: number for number, one in enumerate(ordered)}
        numbers = np.array([seen[one] for one in ordered], np.int32)
        for start in range(0, len(there), AT_ONCE):
            part = there[start : start + AT_ONCE]
            lists = [
                sorted([place[other] for other in wanted[one] if other in place]) for one in part
            ]
            ones = np.repeat(numbers[[place[one] for one in part]], [*map(len, lists)])
            others = numbers[np.fromiter(chain.from_iterable(lists), np.intp)]
            values = scores(readings, ones, others, looks)
            near = values >= self._reach.near
            found = zip(
                ones[near].tolist(), others[near].tolist(), values[near].tolist(), strict=True
            )
            yield from (
                (readings.names[one], readings.names[other], score) for one, other, score in found
            )


async def _standing(ids: Collection[str], store: Store) -> dict[str, dict[str, float]]:
    """The entries between these articles and others, from either end: a list that was full has let some of them go.

    The other end is looked for where it does harm: in the article's story, and among those linked to it.
    """
    standing = await store.relations.near(ids)
    around = await _around(ids, store)
    lists = await store.relations.near({other for others in around.values() for other in others})
    for one, others in around.items():
        standing[one] |= {other: lists[other][one] for other in others if one in lists[other]}
    return standing


async def _around(ids: Collection[str], store: Store) -> dict[str, set[str]]:
    """With whom each of these articles stands in one story, or is linked."""
    links = await store.relations.links(ids)
    story = await store.stories.of(ids)
    members = await store.stories.members({*story.values()})
    return {
        one: {link.other(one) for link in found}.union(members[story[one]] if one in story else ())
        - {one}
        for one, found in links.items()
    }


def _moving(changes: Changes, standing: Mapping[str, Mapping[str, float]]) -> set[str]:
    """Who has an entry that goes or counts otherwise from now on: of these a repeat would see nothing any more."""
    return {
        end
        for one, entries in standing.items()
        for other, score in entries.items()
        if changes[one].get(other, score) != score
        for end in (one, other)
    }


async def _moved_on(judged: Mapping[str, int], store: Store) -> list[Signature]:
    """Those of the *judged* articles whose signature is of another version by now."""
    versions = await store.relations.versions(judged)
    moved = [one for one, version in versions.items() if version != judged[one]]
    return list((await store.relations.get(moved)).values()) if moved else []
