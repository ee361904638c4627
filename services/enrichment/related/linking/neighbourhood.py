"""The articles around a change, and all in the store that their links and stories depend on."""

from collections.abc import Collection
from itertools import chain

import numpy as np

from services.enrichment.related.features.arrays import Float32Array, Int32Array
from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.features.id_index import split_ids
from services.enrichment.related.judging.feed_statistics import FeedStatistics
from services.enrichment.related.judging.judge import Judge
from services.enrichment.related.judging.neighbour_list_cache import NeighbourListCache
from services.enrichment.related.judging.pair_chances import (
    ListedPairs,
    ScoredPairs,
    score_listed_pairs,
    score_reverse_pairs,
)
from services.enrichment.related.stories.centre_guard import Directions
from services.enrichment.related.stories.overrides import (
    OverrideConstraints,
    load_overrides,
    resolve_overrides,
    sort_latest_first,
)
from shared.store import Link, Override, Store

Pair = tuple[str, str]


class Neighbourhood:
    """The articles around a change: *inside* and on the *rim*.

    Those inside are whole stories: of what changed, and of what is linked to that, so far as it is
    explored. On the rim are the stories linked to these, which stay whole. `constraints` follow
    from the `overrides` that concern any of the articles.
    """

    def __init__(
        self,
        lists: NeighbourListCache,
        features: FeatureCache,
        judge: Judge,
        statistics: FeedStatistics,
        store: Store,
    ) -> None:
        self.lists = lists
        self._features = features
        self._judge = judge
        self._statistics = statistics
        self.inside: set[str] = set()
        self.rim: list[frozenset[str]] = []
        self.story_of: dict[str, str] = {}
        self.overrides: list[Override] = []
        self.constraints = OverrideConstraints()
        self._store = store
        self._stamps: dict[str, int] = {}
        self._scored: list[ListedPairs] = []

    async def explore(self, ids: Collection[str], min_event: float, max_articles: int) -> None:
        """Include *ids* with their stories, then what is linked to them, and so on.

        Links count from the chance *min_event* on. The stories with which there would be more than
        *max_articles* are the rim.
        """
        frontier = await self._complete_stories(ids)
        while frontier:
            linked = await self.include(frontier, min_event) - self.inside
            frontier = await self._complete_stories(linked)
            if len(self.inside) + len(frontier) > max_articles:
                self.rim = self._group_by_story(frontier)
                break

    async def include(self, ids: Collection[str], min_event: float) -> set[str]:
        """Include *ids* and score them with their neighbours.

        Returns the neighbours whose chance of one event is *min_event* or more.
        """
        self.inside |= {*ids}
        numbers = self.lists.numbers(ids)
        await self._load_lists(ids)
        neighbours = self.lists.neighbours_of(numbers)
        await self._load_lists(neighbours)
        await self._judge_lists({*ids, *neighbours})
        narrowness = self._statistics.narrowness
        scored = score_listed_pairs(self.lists, numbers, self._judge, narrowness)
        self._scored.append(scored)
        linked = np.unique(scored.neighbours[scored.event >= min_event])
        return {*self.lists.ids_of(linked)}

    async def load_links(self, ids: Collection[str]) -> dict[Pair, Link]:
        """Load the existing links of *ids*, and the neighbour lists at their other ends."""
        links: dict[Pair, Link] = {}
        for link in await self._store.links.list_around(ids):
            links[link.a, link.b] = link
        ends = set(chain.from_iterable(links))
        await self._load_lists(ends)
        await self._judge_lists(ends)
        return links

    async def load_directions(self) -> Directions:
        """The directions of the articles inside and on the rim, relative to the feed's centre."""
        ids = self.inside.union(*self.rim)
        numbers = await self._features.load(ids, self._store)
        directions: dict[str, Float32Array] = {}
        for part in split_ids([*numbers]):
            places = np.array([numbers[article_id] for article_id in part], np.int32)
            centred = self._statistics.center_directions(self._features.directions_of(places))
            has_direction = self._features.has_direction(places).tolist()
            for row, article_id in enumerate(part):
                if has_direction[row]:
                    directions[article_id] = centred[row]
        return directions

    async def load_days(self) -> dict[str, float]:
        """When the articles inside and on the rim were published, in days since 1970."""
        numbers = await self._features.load(self.inside.union(*self.rim), self._store)
        return {article_id: float(self._features.days[n]) for article_id, n in numbers.items()}

    def score_reverse_pairs(
        self, articles: Int32Array, others: Int32Array
    ) -> tuple[Int32Array, Int32Array, ScoredPairs]:
        """Score the pairs that are in the other article's list alone."""
        narrowness = self._statistics.narrowness
        return score_reverse_pairs(self.lists, articles, others, self._judge, narrowness)

    def scored_pairs(self) -> ListedPairs:
        """All articles inside, scored with their neighbours."""
        if len(self._scored) > 1:
            columns = zip(*self._scored, strict=True)
            self._scored = [ListedPairs(*map(np.concatenate, columns))]
        return self._scored[0]

    async def is_unchanged(self, ids: Collection[str]) -> bool:
        """Whether the neighbour lists of *ids* and of their neighbours did not change meanwhile.

        Other recomputations of this worker share the cached lists, and may have loaded newer ones:
        so the cache is compared first, then the store.
        """
        involved = {*ids, *self.lists.neighbours_of(self.lists.numbers(ids))}
        stamps = {article_id: self._stamps.get(article_id, 0) for article_id in involved}
        for article_id, stamp in stamps.items():
            if self.lists.stamp(article_id) != stamp:
                return False
        return not await self._store.neighbour_lists.get_if_changed(stamps)

    async def _complete_stories(self, ids: Collection[str]) -> set[str]:
        """Find what belongs to *ids*: the rest of their stories, and partners by override."""
        found: set[str] = set()
        frontier = set(ids)
        while frontier:
            found |= frontier
            await self._add_overrides(frontier)
            partners = self.constraints.find_partners(frontier)
            members = await self._load_story_members(frontier)
            frontier = (partners | members) - found - self.inside
        return found

    def _group_by_story(self, ids: Collection[str]) -> list[frozenset[str]]:
        """Group these articles by story; an article without a story is a group of its own."""
        groups: dict[str, set[str]] = {}
        for article_id in ids:
            story_id = self.story_of.get(article_id, f"{article_id} alone")
            groups.setdefault(story_id, set()).add(article_id)
        return [frozenset(members) for members in groups.values()]

    async def _load_lists(self, ids: Collection[str]) -> None:
        """Load the neighbour lists that were not loaded before."""
        missing = [article_id for article_id in ids if article_id not in self._stamps]
        self._stamps |= await self.lists.load(missing, self._store)

    async def _judge_lists(self, ids: Collection[str]) -> None:
        """Judge all entries between these articles by the two alone.

        Entries with other articles are judged too, but wrongly: nothing reads those.
        """
        numbers = await self._features.load(ids, self._store)
        for part in split_ids([*numbers]):
            places = np.array([numbers[article_id] for article_id in part], np.int32)
            projections = self._features.directions_of(places) @ self._statistics.centre
            self.lists.set_projections(part, projections)
        self.lists.judge(self.lists.numbers(ids), self._judge, self._statistics)

    async def _add_overrides(self, ids: Collection[str]) -> None:
        """Load the overrides that concern *ids*."""
        loaded = await load_overrides(ids, self._store)
        if not loaded:
            return
        by_id = {override.id: override for override in [*self.overrides, *loaded]}
        self.overrides = sort_latest_first(by_id.values())
        self.constraints = resolve_overrides(self.overrides)

    async def _load_story_members(self, ids: Collection[str]) -> set[str]:
        """Load all articles of the stories that *ids* are in."""
        unknown = [article_id for article_id in ids if article_id not in self.story_of]
        self.story_of |= await self._store.stories.get_story_ids(unknown)
        story_ids = {self.story_of.get(article_id, "") for article_id in ids} - {""}
        found: set[str] = set()
        for story_id, members in (await self._store.stories.get_members(story_ids)).items():
            self.story_of |= dict.fromkeys(members, story_id)
            found |= members
        return found
