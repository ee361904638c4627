"""What is read of the store around some articles: near lists, standing links, and the stories they stand in."""

from collections.abc import Collection, Iterable, Mapping

from services.enrichment.related.orders import Orders, latest_first, orders, read
from services.enrichment.related.support import Support
from shared.store import Instruction, Link, Store, pair
from shared.store.relations import shown_score

KEPT = 32  # entries of a near list: stories come out best when an article knows some of a large story, not all
LINKED = 20  # of them may be linked: people see ten, and some of those are linked from the other side
SLACK = 16  # more of them before a list is cut in the store

Pair = tuple[str, str]


class Region:
    """The articles *inside* are whole stories: those around what changed, and those linked to them.

    `lists` (best first) and `story` also hold what lies just outside, as far as something depends on it. `orders` are
    what the newsroom's `instructions` for them come to: articles that belong together are inside together.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.inside: set[str] = set()
        self.lists: dict[str, dict[str, float]] = {}
        self.story: dict[str, str] = {}
        self.instructions: list[Instruction] = []
        self.orders = Orders()
        self.overfull: dict[str, dict[str, float]] = {}
        self._support = Support()
        self._scores: dict[Pair, float] = {}
        self._standing: dict[str, list[Link]] = {}

    async def explore(self, ids: Collection[str], floor: float, reach: int) -> None:
        """Take in *ids*, then wave by wave what is linked from *floor* on, while there are not more than *reach*."""
        wave = set(ids)
        while wave:
            self.inside |= wave
            await self._heed(wave)
            await self._read_around(wave)
            linked = {other for one in wave for other in self.lists[one] if self._scores[pair(one, other)] >= floor}
            linked |= self.orders.partners(wave)
            wave = (linked | await self._companions(wave | linked)) - self.inside
            if len(self.inside) > len(ids) and len(self.inside) + len(wave) > reach:
                break

    async def read_links(self, ids: Collection[str]) -> None:
        """Read all that the links of *ids* depend on: near lists and stories, and the links that stand."""
        self._standing |= await self._store.relations.links(ids)
        others = {end for one in ids for link in self._standing[one] for end in (link.a, link.b)}
        await self._read_lists(others)
        await self._read_around(ids)
        others |= {other for one in ids for other in self.lists[one]} | self.orders.partners(ids)
        self.story |= await self._store.stories.of(others - self.story.keys())

    def graph(self, floor: float) -> dict[str, dict[str, float]]:
        """Inside, the articles linked to each article from *floor* on, with the scores that their words give."""
        found: dict[str, dict[str, float]] = {one: {} for one in self.inside}
        for (a, b), score in self._scores.items():
            if score >= floor and a in found and b in found:
                found[a][b] = found[b][a] = score
        return found

    def pairs(self, ids: Iterable[str]) -> dict[Pair, float]:
        """The scores of *ids* with whatever is near enough to be linked, or stands linked; 0 for what is not near.

        The newsroom's word stands above them: 1 for what belongs together, 0 for what is kept apart.
        """
        wanted = set(ids)
        near = {pair(one, other) for one in wanted for other in list(self.lists[one])[:LINKED]}
        found = {key: self._scores.get(key, 0.0) for key in near | self.standing(wanted).keys()}
        ordered = {key for key in self.orders.together if wanted & {*key}}
        return found | dict.fromkeys(found.keys() & self.orders.apart, 0.0) | dict.fromkeys(ordered, 1.0)

    def standing(self, ids: Iterable[str]) -> dict[Pair, Link]:
        """The links of *ids* as they stood when they were read."""
        return {(link.a, link.b): link for one in ids for link in self._standing[one]}

    async def stands(self, ids: Iterable[str]) -> bool:
        """Whether the near lists of *ids* and of those near to them are still what was read."""
        known = {end: self.lists[end] for one in ids for end in (one, *self.lists[one])}
        return {one: best(scores) for one, scores in (await self._store.relations.near(known)).items()} == known

    async def _heed(self, ids: Collection[str]) -> None:
        """Take in the newsroom's instructions for *ids*."""
        if found := {one.id: one for one in await read(ids, self._store)}:
            known = {one.id: one for one in self.instructions}
            self.instructions = latest_first((known | found).values())
            self.orders = orders(self.instructions)

    async def _read_around(self, ids: Collection[str]) -> None:
        """Read the near lists of *ids* and of everything near to them, and score those pairs."""
        await self._read_lists(ids)
        await self._read_lists({other for one in ids for other in self.lists[one]})
        for one in ids:
            fresh = [other for other in self.lists[one] if pair(one, other) not in self._scores]
            if fresh:
                scores = self._support.scores(one, fresh, [self.lists[one][other] for other in fresh])
                self._scores |= zip((pair(one, other) for other in fresh), scores, strict=True)

    async def _read_lists(self, ids: Iterable[str]) -> None:
        found = await self._store.relations.near({one for one in ids if one not in self.lists})
        lists = {one: best(scores) for one, scores in found.items()}
        self._support.add(lists)
        self.lists |= lists
        self.overfull |= {one: scores for one, scores in found.items() if len(scores) > KEPT + SLACK}

    async def _companions(self, ids: Collection[str]) -> set[str]:
        """All articles of the stories that *ids* stand in."""
        self.story |= await self._store.stories.of([one for one in ids if one not in self.story])
        members = await self._store.stories.members({self.story[one] for one in ids if one in self.story})
        self.story |= {one: story for story, articles in members.items() for one in articles}
        return {one for articles in members.values() for one in articles}


def best(scores: Mapping[str, float]) -> dict[str, float]:
    """The entries of a near list that count, best first."""
    return dict(sorted(scores.items(), key=lambda entry: (-entry[1], entry[0]))[:KEPT])


def differing(standing: Mapping[Pair, Link], links: Collection[Link]) -> set[Pair]:
    """The pairs that are linked in one of the two alone, or with scores that people see as different.

    *links* are those that do not stand as they are.
    """
    return {
        (link.a, link.b)
        for link in links
        if (before := standing.get((link.a, link.b))) is None or shown_score(before.score) != shown_score(link.score)
    }
