"""Assembles stories: the best way to group articles, given how strongly each pair of them is linked.

A grouping is worth the links inside its stories less a cost that grows with their size: an article joins a story if
its links to the members outweigh what a further member costs there. The best grouping is sought by moving articles,
and then whole groups, to wherever they are worth most, until nothing moves (the Louvain method, with an absolute cost
as in the constant Potts model). Nothing else enters: no arrival order, no earlier grouping, no chance. Articles are
visited in the order of their ids, so whoever sees the same links finds the same stories.

The newsroom's orders stand above the links: no article goes where somebody is whom it is kept apart from, and the
stories of articles that belong together become one in the end.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.enrichment.related.stories.overrides import Orders

ROUNDS = 40  # visits to an article before it stays where it is: they settle within ten
_WORTH = 1e-9  # a move that gains less is rounding

Links = Mapping[str, Mapping[str, float]]
Graph = Sequence[Mapping[int, float]]
Prices = Sequence[float]  # by size
Foes = Mapping[int, Collection[int]]  # of a node, those it is kept apart from


@dataclass(frozen=True)
class Cost:
    """What a further member costs: *close* for each of the first *few* members there are, *loose* for each other one.

    In a small story an article must be linked to nearly all, in a large one, whose members know only the nearest, to
    some.
    """

    close: float = 0.34
    few: int = 12
    loose: float = 0.007

    def of(self, size: int) -> float:
        """Of a whole story of *size* articles."""
        first = min(size, self.few + 1)
        rest = size - first
        return (
            self.close * (first * (first - 1) / 2 + rest * self.few)
            + self.loose * rest * (rest + 1) / 2
        )


def assemble(links: Links, cost: Cost, orders: Orders | None = None) -> list[frozenset[str]]:
    """The stories of the articles that are keys of *links*, each with its linked articles and their scores.

    Links are symmetric; those to articles that are no keys are passed over. Every article is in one story, alone if
    need be.
    """
    names = sorted(links)
    number = {name: index for index, name in enumerate(names)}
    graph = [
        {number[other]: s for other, s in sorted(links[name].items()) if other in number}
        for name in names
    ]
    return assemble_blocks([frozenset([name]) for name in names], graph, cost, orders or Orders())


def assemble_blocks(
    blocks: Sequence[frozenset[str]], graph: Graph, cost: Cost, orders: Orders
) -> list[frozenset[str]]:
    """The same for *blocks* of articles that stay together, with their links by place, added up, in order."""
    stories: dict[int, list[frozenset[str]]] = {}
    sizes = [len(block) for block in blocks]
    prices = _prices(cost, 1 << sum(sizes).bit_length())  # a power of two: few lists are made
    for block, group in zip(
        blocks, _Groups(graph, sizes, prices, _foes(orders, blocks)).settle(), strict=True
    ):
        stories.setdefault(group, []).append(block)
    return orders.hold_together([frozenset[str]().union(*parts) for parts in stories.values()])


@lru_cache(maxsize=16)
def _prices(cost: Cost, end: int) -> Prices:
    return [cost.of(size) for size in range(end)]


def _foes(orders: Orders, blocks: Sequence[frozenset[str]]) -> Foes:
    number = (
        {one: index for index, block in enumerate(blocks) for one in block} if orders.apart else {}
    )
    foes: dict[int, set[int]] = {}
    for a, b in orders.apart:
        if a in number and b in number:
            foes.setdefault(number[a], set()).add(number[b])
            foes.setdefault(number[b], set()).add(number[a])
    return foes


def _coarse(
    graph: Graph, sizes: Sequence[int], home: Sequence[int]
) -> tuple[list[dict[int, float]], list[int]]:
    """The graph of the groups (numbered from 0 without gaps), links between two of them added up, and their sizes."""
    totals = [0] * (max(home, default=-1) + 1)
    coarse: list[dict[int, float]] = [{} for _ in totals]
    for node, edges in enumerate(graph):
        own = home[node]
        totals[own] += sizes[node]
        mine = coarse[own]
        for other, score in edges.items():
            if (group := home[other]) != own:
                mine[group] = mine.get(group, 0.0) + score
    return coarse, totals


def _coarse_foes(foes: Foes, home: Sequence[int]) -> Foes:
    coarse: dict[int, set[int]] = {}
    for node, others in foes.items():
        coarse.setdefault(home[node], set()).update(home[other] for other in others)
    return coarse


class _Groups:
    """Nodes with sizes in groups, each alone at first, moved to where they are worth most."""

    def __init__(self, graph: Graph, sizes: Sequence[int], prices: Prices, foes: Foes) -> None:
        self._graph, self._sizes, self._prices, self._foes = graph, sizes, prices, foes
        self._linked = [node for node, edges in enumerate(graph) if edges]
        self._home = list(range(len(graph)))
        self._total = list(sizes)

    def settle(self) -> list[int]:
        """The group of each node, once neither nodes nor groups of them move any more."""
        self._move_nodes()
        while self._move_groups() and self._move_nodes():
            pass
        return self._home

    def _move_groups(self) -> bool:
        """Move groups as if they were nodes, and groups of groups, until none joins another; whether any did."""
        names = list(dict.fromkeys(self._home))
        number = {name: index for index, name in enumerate(names)}
        home = [number[name] for name in self._home]
        coarse, totals = _coarse(self._graph, self._sizes, home)
        upper = _Groups(coarse, totals, self._prices, _coarse_foes(self._foes, home))
        upper._move_nodes()
        if 0 not in upper._total:  # a group that joined another would have left its own empty
            return False
        upper._move_groups()
        self._home = [names[upper._home[group]] for group in home]
        for name, total in zip(names, upper._total, strict=True):
            self._total[name] = total
        return True

    def _move_nodes(self) -> bool:
        """Visit all nodes that have links, then those whose neighbours moved, until none does; whether any did."""
        todo, moved = self._linked, False
        for _ in range(ROUNDS):
            woken: set[int] = set()
            for node in todo:
                if self._visit(node):
                    woken.update(self._graph[node])
            if not woken:
                break
            todo, moved = sorted(woken), True
        return moved

    def _visit(self, node: int) -> bool:
        """Move *node* to its best group; whether it moved."""
        total, prices = self._total, self._prices
        old, size = self._home[node], self._sizes[node]
        total[old] -= size
        own = prices[size]
        best, most = -1, 0.0
        for group, pull in self._pulls(node).items():
            if pull > most:  # else not worth it at any price
                there = total[group]
                worth = pull - prices[there + size] + prices[there] + own
                if worth > most + _WORTH:
                    best, most = group, worth
        if best < 0:  # better alone: where it is if nobody else is there, else in an empty group
            best = total.index(0) if total[old] else old
        self._home[node] = best
        total[best] += size
        return best != old

    def _pulls(self, node: int) -> dict[int, float]:
        """The links of *node* added up by group; its own first, which so wins a tie. None to a group with a foe."""
        home = self._home
        old = home[node]
        inside, pulls = 0.0, {old: 0.0}
        for other, score in self._graph[node].items():
            group = home[other]
            if group == old:  # mostly; cheaper than in a dict
                inside += score
            else:
                pulls[group] = pulls.get(group, 0.0) + score
        pulls[old] = inside
        for foe in self._foes.get(node, ()):
            pulls.pop(home[foe], None)
        return pulls
