"""What is read of the store around some articles: near lists, standing links, and the stories they stand in."""

from collections.abc import Collection, Iterable, Mapping

from services.enrichment.related.orders import Orders, latest_first, orders, read
from services.enrichment.related.support import Near, supported
from shared.store import Instruction, Link, Store, pair


class Region:
    """The articles *inside* are whole stories: those around what changed, and those linked to them.

    `lists` and `story` also hold what lies just outside, as far as something depends on it. `orders` are what the
    newsroom's `instructions` for them come to: articles that belong together are inside together, and score 1.
    """

    def __init__(self) -> None:
        self.inside: set[str] = set()
        self.lists: dict[str, dict[str, float]] = {}
        self.story: dict[str, str] = {}
        self.instructions: list[Instruction] = []
        self.orders = Orders()
        self._near: dict[str, Near] = {}
        self._standing: dict[str, list[Link]] = {}
        self._scores: dict[tuple[str, str], float] = {}

    async def explore(self, ids: Collection[str], store: Store, floor: float, reach: int) -> None:
        """Take in *ids*, then wave by wave what is linked from *floor* on, while there are not more than *reach*."""
        wave = set(ids)
        while wave:
            self.inside |= wave
            await self._heed(wave, store)
            await self.read(wave, store)
            linked = {other for one in wave for other in self.lists[one] if self.score(one, other) >= floor}
            linked |= self.orders.partners(wave)
            grown = linked | await self._companions(wave | linked, store)
            wave = grown - self.inside
            if len(self.inside) > len(ids) and len(self.inside) + len(wave) > reach:
                break

    async def read(self, ids: Collection[str], store: Store) -> None:
        """Read the near lists of *ids* and of everything near to them."""
        await self._read_lists(ids, store)
        await self._read_lists({other for one in ids for other in self.lists[one]}, store)

    async def read_links(self, ids: Collection[str], store: Store) -> None:
        """Read all that the links of *ids* depend on: near lists and stories, and the links that stand."""
        await self.read(ids, store)
        self._standing |= await store.relations.links(ids)
        others = {link.other(one) for one in ids for link in self._standing[one]} | self.orders.partners(ids)
        await self._read_lists(others, store)
        others |= {other for one in ids for other in self.lists[one]}
        self.story |= await store.stories.of(others - self.story.keys())

    def links(self, floor: float) -> dict[str, dict[str, float]]:
        """Inside, the articles linked to each article from *floor* on, with the scores that their words give."""
        found: dict[str, dict[str, float]] = {one: {} for one in self.inside}
        for one in self.inside:
            for other in self.lists[one]:
                if other in found and (score := self._by_words(one, other)) >= floor:
                    found[one][other] = found[other][one] = score
        return found

    def pairs(self, ids: Iterable[str]) -> set[tuple[str, str]]:
        """The pairs of *ids* with whatever they are near to, stand linked to, or belong together with."""
        wanted = set(ids)
        ordered = {ends for ends in self.orders.together if wanted & {*ends}}
        near = {pair(one, other) for one in wanted for other in self.lists[one]}
        return near | self.standing(wanted).keys() | ordered

    def standing(self, ids: Iterable[str]) -> dict[tuple[str, str], float]:
        """The links of *ids* as they stood when they were read."""
        return {(link.a, link.b): link.score for one in ids for link in self._standing[one]}

    def score(self, a: str, b: str) -> float:
        """The score of a pair with the support of its neighbourhood; 0 when neither is near to the other.

        The newsroom's word stands above both: 1 for what belongs together, 0 for what is kept apart.
        """
        key = pair(a, b)
        if key in self.orders.together or key in self.orders.apart:
            return float(key in self.orders.together)
        return self._by_words(a, b)

    def _by_words(self, a: str, b: str) -> float:
        key = pair(a, b)
        if key not in self._scores:
            own = self.lists[a].get(b) or self.lists[b].get(a) or 0.0
            self._scores[key] = round(supported(*key, own, self._near), 6) if own else 0.0
        return self._scores[key]

    async def stands(self, ids: Iterable[str], store: Store) -> bool:
        """Whether the near lists of *ids* and of those near to them are still what was read."""
        known = {one: self.lists[one] for key in self.pairs(ids) for one in key}
        return await store.relations.near(known) == known

    async def _heed(self, ids: Collection[str], store: Store) -> None:
        """Take in the newsroom's instructions for *ids*, before anything of theirs is scored."""
        known = {one.id: one for one in self.instructions}
        if found := {one.id: one for one in await read(ids, store)}:
            self.instructions = latest_first((known | found).values())
            self.orders = orders(self.instructions)

    async def _read_lists(self, ids: Iterable[str], store: Store) -> None:
        found = await store.relations.near({one for one in ids if one not in self.lists})
        self.lists |= found
        self._near |= {one: Near(scores) for one, scores in found.items()}

    async def _companions(self, ids: Collection[str], store: Store) -> set[str]:
        """All articles of the stories that *ids* stand in."""
        self.story |= await store.stories.of([one for one in ids if one not in self.story])
        members = await store.stories.members({self.story[one] for one in ids if one in self.story})
        self.story |= {one: story for story, articles in members.items() for one in articles}
        return {one for articles in members.values() for one in articles}


def differing(one: Mapping[tuple[str, str], float], two: Mapping[tuple[str, str], float]) -> set[tuple[str, str]]:
    """The pairs that are linked in one of the two alone, or with scores that people see as different."""
    return {key for key in one.keys() | two.keys() if round(one.get(key, -1.0), 2) != round(two.get(key, -1.0), 2)}
