"""Settles the neighbourhoods that changed: what depends on more than two articles is made anew there.

Links follow from near lists, stories from links. Whoever changes a near list marks its article afterwards; whoever
settles takes the mark off only when everything is written and what was read still stands. So wherever a process dies,
the mark is left, and of two that settle the same at once, the later look is the one that remains.

An article whose relatives are about to change waits for the stage *related* again, before they are written and until
it was told. So no article is told of by halves, whoever dies in between.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from services.enrichment.related.linking.neighbourhood import Region
from services.enrichment.related.linking.shared_neighbours import NearLists
from services.enrichment.related.stories.clustering import Cost, assemble_blocks
from services.enrichment.related.stories.story_ids import founder, succeed
from services.enrichment.related.stories.story_snapshots import write_faces
from shared import failpoints
from shared.clock import Clock
from shared.store import Link, Move, Store

KEPT: Final = (
    20_000  # near lists kept in memory, some 700 bytes each: more than two days of a busy feed
)
LEASE: Final = timedelta(
    seconds=20
)  # settling takes seconds; after this the worker is taken for dead
CROWD: Final = 500  # marks that others have claimed: two rounds as large would look at the same, and hinder each other


@dataclass(frozen=True)
class Bar:
    """From which score on two articles are related: anywhere, and in one story, the less the larger it is.

    A story of two says no more than its one link; each further member takes *step* off *related*, down to *in_story*.
    Links below *floor* say nothing about stories. *reach*: about so many articles are looked at, those that changed
    among them; where more than that changed, these and their stories alone.
    """

    related: float
    in_story: float
    step: float = 0.02
    floor: float = 0.25
    reach: int = 2000
    cost: Cost = field(default_factory=Cost)

    def among(self, size: int) -> float:
        """The score that two articles need in a story of *size*; below two they stand in different ones."""
        return max(self.in_story, self.related - self.step * max(0, size - 2))


@dataclass(frozen=True)
class Settled:
    """*told*: the articles to be told, with the versions of their signatures. *stories*: those they stood in or do."""

    told: Mapping[str, int] = field(default_factory=dict)
    stories: Collection[str] = ()


class Settler:
    """Takes marks and settles them. Any number may work at once; what is kept in between is a memory."""

    def __init__(self, bar: Bar, clock: Clock) -> None:
        self._bar = bar
        self._clock = clock
        self._lists = NearLists()

    async def settle(self, store: Store, limit: int) -> Settled | None:
        """Settle up to *limit* marked articles; None when nothing was marked, or others are at work on a crowd.

        Raises StoreAway, and may then be repeated: the marks stay. If something changed under us the articles are
        marked anew.
        """
        if await store.relations.claimed(self._clock()) > CROWD:
            return None
        marks = await store.relations.unsettled(self._clock(), LEASE, limit)
        if not marks:
            return None
        ids = {mark.article_id for mark in marks}
        region = Region(self._memory(), store)
        await region.explore(ids, self._bar.floor, self._bar.reach)
        story = await self._succession(region, store)
        stories = {*story.values(), *(region.story[one] for one in story if one in region.story)}
        focus = ids | self._held_to_another_bar(story, region.story)
        await region.take_in(focus - region.inside, self._bar.floor)
        await region.read_links(focus)
        told = await self._relate(ids, focus, {**region.story, **story}, region, store)
        written = await _move(region, story, store) and await write_faces(
            stories, story, region.instructions, store, self._clock
        )
        await failpoints.reached("assembled")
        if written and await region.stands(focus) and await _is_whole(story, store):
            await store.relations.settled(marks)
        else:
            await store.relations.unsettle(focus, self._clock())
        return Settled(told, stories)

    def _held_to_another_bar(
        self, story: Mapping[str, str], standing: Mapping[str, str]
    ) -> set[str]:
        """The articles that change stories, and those of which theirs asks for another score as it grows or shrinks."""
        before = Counter(standing[one] for one in story if one in standing)
        now = Counter(story.values())
        return {
            one
            for one, name in story.items()
            if standing.get(one) != name
            or self._bar.among(before[name]) != self._bar.among(now[name])
        }

    def _memory(self) -> NearLists:
        """The near lists that were read before; forgotten all at once when there are too many."""
        if len(self._lists) > KEPT:
            self._lists = NearLists()
        return self._lists

    async def _succession(self, region: Region, store: Store) -> dict[str, str]:
        """Where each article inside stands from now on, and of the rim those whose stories go with them."""
        every = assemble_blocks(*region.graph(self._bar.floor), self._bar.cost, region.orders)
        groups = [
            group for group in every if group & region.inside
        ]  # others are of the rim, and stay as they are
        standing = {
            one: region.story[one] for group in groups for one in group if one in region.story
        }
        known = await store.stories.get(
            {*standing.values(), *(founder(min(group)) for group in groups)}
        )
        return succeed(groups, standing, known)

    async def _relate(
        self, ids: set[str], focus: set[str], story: Mapping[str, str], region: Region, store: Store
    ) -> dict[str, int]:
        """Write the links of *focus*. Returns whom to tell: those whose relatives changed, and those that wait."""
        sizes = Counter(story.values())
        needed = {name: self._bar.among(size) for name, size in sizes.items()}
        links = region.pairs(focus, story, needed, self._bar.related)
        together = region.orders.together
        written = [
            Link(*parts)
            for key, score in links.items()
            if (parts := (*key, score, key in together)) != region.standing.get(key)
        ]
        gone = region.standing.keys() - links.keys()
        changed = {end for key in gone.union((link.a, link.b) for link in written) for end in key}
        held = await store.relations.hold(changed - ids, self._clock(), LEASE)
        await store.articles.reopen("related", changed)
        await failpoints.reached("relating")
        await store.relations.relate(written, gone)
        await failpoints.reached("related")
        told = await _tell(ids | changed, store)
        await store.relations.settled(held)
        return told


async def _move(region: Region, story: Mapping[str, str], store: Store) -> bool:
    """Move the articles to where they belong; False where somebody was faster."""
    moves = [
        Move(one, region.story.get(one, ""), target)
        for one, target in sorted(story.items())
        if region.story.get(one) != target
    ]
    return all(await store.stories.move(moves))


async def _is_whole(story: Mapping[str, str], store: Store) -> bool:
    """Whether nobody put others into these stories meanwhile: links hold for stories of this size."""
    members = await store.stories.members(set(story.values()))
    return sum(map(len, members.values())) == len(story)


async def _tell(ids: Collection[str], store: Store) -> dict[str, int]:
    """Let those of *ids* that wait for this stage wait for a decision instead; returns them with their versions."""
    waiting = await store.articles.pending("related", ids)
    signed = await store.relations.versions(waiting)
    done = {one: version for one, version in waiting.items() if signed.get(one) == version}
    await store.articles.enriched("related", done, done)
    return done
