"""What is read of the store around some articles: near lists, standing links, and the stories they stand in."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.enrichment.related.features.id_index import Numbering
from services.enrichment.related.linking.shared_neighbours import Floats, Ints, NearLists, Pairs
from services.enrichment.related.stories.overrides import Orders, latest_first, orders, read
from shared.store import Instruction, Link, Store, pair

SHOWN: Final = 2  # digits of the score of a link

Pair = tuple[str, str]
Scores = dict[Pair, float]
Graph = list[dict[int, float]]


class Region:
    """The articles *inside* are whole stories: those of what changed, and those linked to them as far as we look.

    Around them lies the *rim*: the stories linked to these, which stay whole. `story` also holds what else something
    depends on. `standing`: the links that were read; `orders`: what the newsroom's `instructions` for all of them mean.
    """

    def __init__(self, lists: NearLists, store: Store) -> None:
        self._lists = lists
        self._store = store
        self.inside: set[str] = set()
        self.rim: list[frozenset[str]] = []
        self.story: dict[str, str] = {}
        self.instructions: list[Instruction] = []
        self.orders = Orders()
        self.standing: dict[Pair, Link] = {}
        self._stamps: dict[str, int] = {}
        self._waves: list[Pairs] = []

    async def explore(self, ids: Collection[str], floor: float, reach: int) -> None:
        """Take in *ids* and their stories, then wave by wave what is linked from *floor* on, up to *reach* articles."""
        wave = await self._whole(ids)
        while wave:
            linked = await self.take_in(wave, floor) - self.inside
            wave = await self._whole(linked)
            if len(self.inside) + len(wave) > reach:
                self.rim = self._stories(wave)
                break

    async def take_in(self, ids: Collection[str], floor: float) -> set[str]:
        """Have *ids* inside, all that is near to them scored. Returns those linked to them from *floor* on."""
        self.inside |= {*ids}
        rows = self._lists.numbers(ids)
        await self._read(ids)
        await self._read(self._lists.around(rows))
        found = self._lists.pairs(rows)
        self._waves.append(found)
        return {
            self._lists.names[number]
            for number in np.unique(found.others[found.scores >= floor]).tolist()
        }

    async def read_links(self, ids: Collection[str]) -> None:
        """Read what else the links of *ids*, all of them inside, depend on: links that stand, lists behind, stories."""
        self.standing = {
            (link.a, link.b): link for link in await self._store.relations.links_around(ids)
        }
        others = {end for key in self.standing for end in key}
        await self._read(others)
        others |= {*self._lists.around(self._lists.numbers(ids))} | self.orders.partners(ids)
        self.story |= await self._store.stories.of(others - self.story.keys())

    def graph(self, floor: float) -> tuple[list[frozenset[str]], Graph]:
        """The articles inside, each by itself, and the stories of the rim, in order; and what links them.

        That is, for each of them: the places in that order of those linked to it from *floor* on, with their scores
        added up.
        """
        blocks = sorted([*(frozenset([one]) for one in self.inside), *self.rim], key=min)
        numbers = self._lists.numbers(one for block in blocks for one in block)
        place = np.full(len(self._lists), -1, np.int64)
        place[numbers] = np.repeat(np.arange(len(blocks)), [len(block) for block in blocks])
        found = self._pairs()
        kept = (found.scores >= floor) & (place[found.others] >= 0)
        rows, others = np.broadcast_to(found.rows[:, None], kept.shape)[kept], found.others[kept]
        first = _distinct(rows, others)
        one, other = place[rows[first]], place[others[first]]
        ends = np.concatenate([_keys(one, other, len(blocks)), _keys(other, one, len(blocks))])
        keys, inverse = np.unique(ends, return_inverse=True)
        graph: Graph = [{} for _ in blocks]
        scores = np.bincount(inverse, np.tile(found.scores[kept][first], 2))
        for key, score in zip(keys.tolist(), scores.tolist(), strict=True):
            graph[key // len(blocks)][key % len(blocks)] = score
        return blocks, graph

    def pairs(
        self,
        ids: Iterable[str],
        story: Mapping[str, str],
        needed: Mapping[str, float],
        related: float,
    ) -> Scores:
        """The pairs of *ids* that are to be linked, with the scores of their links.

        Two that stand in one story, as *story* has it, need what is *needed* there, all others *related*. The word of
        the newsroom stands above: 1 for what belongs together, and no link for what is kept apart.
        """
        wanted = set(ids)
        rows, others, scores = self._near_enough(wanted)
        places = Numbering()
        stands = np.full(len(self._lists), -1, np.int32)
        for number in np.unique(np.concatenate([rows, others])).tolist():
            if name := story.get(self._lists.names[number]):
                stands[number] = places[name]
        bars = np.array([*(needed.get(name, related) for name in places), related])
        good = np.flatnonzero(
            scores >= bars[np.where(stands[rows] == stands[others], stands[rows], -1)]
        )
        good = good[_distinct(rows[good], others[good])]
        names = self._lists.names
        found = {
            pair(names[one], names[other]): round(score, SHOWN)
            for one, other, score in zip(
                rows[good].tolist(), others[good].tolist(), scores[good].tolist(), strict=True
            )
        }
        for key in found.keys() & self.orders.apart:
            del found[key]
        return found | dict.fromkeys((key for key in self.orders.together if wanted & {*key}), 1.0)

    async def stands(self, ids: Iterable[str]) -> bool:
        """Whether the near lists of *ids* and of those near to them are still what was read.

        The lists at hand are shared with whoever settles beside us: they must still be those, too.
        """
        known = {
            one: self._stamps.get(one, 0)
            for one in {*ids, *self._lists.around(self._lists.numbers(ids))}
        }
        if any(self._lists.stamp(one) != stamp for one, stamp in known.items()):
            return False
        return not await self._store.relations.near_anew(known)

    def _near_enough(self, ids: Collection[str]) -> tuple[Ints, Ints, Floats]:
        """The pairs of *ids* that may be linked: by their own lists, and those that stand by the lists of others."""
        found = self._pairs()
        mine = np.zeros(len(self._lists), bool)
        mine[self._lists.numbers(ids)] = True
        own = mine[found.rows]
        linked, listed = found.linked[own], found.others[own]
        rows = np.broadcast_to(found.rows[own][:, None], linked.shape)
        ends = [
            (one, other) for a, b in self.standing for one, other in ((a, b), (b, a)) if one in ids
        ]
        ones, others = (self._lists.numbers(end[side] for end in ends) for side in (0, 1))
        far, behind, scores = self._lists.from_behind(ones, others)
        return (
            np.concatenate([rows[linked], far]),
            np.concatenate([listed[linked], behind]),
            np.concatenate([found.scores[own][linked], scores]),
        )

    async def _whole(self, ids: Collection[str]) -> set[str]:
        """*ids* with what is looked at with them alone: their stories, and whom the newsroom put together with any."""
        found: set[str] = set()
        fresh = set(ids)
        while fresh:
            found |= fresh
            await self._heed(fresh)
            fresh = (
                (self.orders.partners(fresh) | await self._companions(fresh)) - found - self.inside
            )
        return found

    def _stories(self, ids: Collection[str]) -> list[frozenset[str]]:
        found: dict[str, set[str]] = {}
        for one in ids:
            found.setdefault(self.story.get(one, f"{one} alone"), set()).add(one)
        return [frozenset(articles) for articles in found.values()]

    async def _read(self, ids: Collection[str]) -> None:
        self._stamps |= await self._lists.read(
            [one for one in ids if one not in self._stamps], self._store
        )

    def _pairs(self) -> Pairs:
        """What all waves found, as one."""
        if len(self._waves) > 1:
            parts = [
                [getattr(wave, name) for wave in self._waves]
                for name in ("rows", "others", "scores", "linked")
            ]
            self._waves = [Pairs(*map(np.concatenate, parts))]
        return self._waves[0]

    async def _heed(self, ids: Collection[str]) -> None:
        """Take in the newsroom's instructions for *ids*."""
        if found := {one.id: one for one in await read(ids, self._store)}:
            known = {one.id: one for one in self.instructions}
            self.instructions = latest_first((known | found).values())
            self.orders = orders(self.instructions)

    async def _companions(self, ids: Collection[str]) -> set[str]:
        """All articles of the stories that *ids* stand in."""
        self.story |= await self._store.stories.of([one for one in ids if one not in self.story])
        members = await self._store.stories.members(
            {self.story[one] for one in ids if one in self.story}
        )
        self.story |= {one: story for story, articles in members.items() for one in articles}
        return {one for articles in members.values() for one in articles}


def _distinct(ones: Ints, others: Ints) -> NDArray[np.intp]:
    """The first places of the distinct pairs, either way round."""
    lower, upper = np.minimum(ones, others), np.maximum(ones, others)
    return np.unique(_keys(lower, upper, int(upper.max(initial=0)) + 1), return_index=True)[1]


def _keys(
    ones: NDArray[np.integer[Any]], others: NDArray[np.integer[Any]], size: int
) -> NDArray[np.int64]:
    """One number for each pair of numbers below *size*."""
    return ones.astype(np.int64) * size + others
