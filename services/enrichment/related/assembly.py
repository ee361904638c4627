"""Assembles stories: the best way to group articles, given how strongly each pair of them is linked.

A grouping is worth the links inside its stories less a cost that grows with their size: an article joins a story if
its links to the members outweigh what a further member costs there. The best grouping is sought by moving articles,
and then whole groups, to wherever they are worth most, until nothing moves (the Louvain method, with an absolute cost
as in the constant Potts model). Nothing else enters: no arrival order, no earlier grouping, no chance. Articles are
visited in the order of their ids, so whoever sees the same links finds the same stories.

The newsroom's orders stand above the links: no article goes where somebody is whom it is kept apart from, and the
stories of articles that belong together become one in the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.enrichment.related.orders import Orders

ROUNDS = 40  # visits to an article before it stays where it is: they settle within ten
_WORTH = 1e-9  # a move that gains less is rounding

Links = Mapping[str, Mapping[str, float]]
Graph = Sequence[Mapping[int, float]]
Prices = Sequence[float]  # by size
Foes = Sequence[frozenset[int]]  # of each node, those it is kept apart from


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
        return self.close * (first * (first - 1) / 2 + rest * self.few) + self.loose * rest * (rest + 1) / 2


def assemble(links: Links, cost: Cost, orders: Orders | None = None) -> list[frozenset[str]]:
    """The stories of the articles that are keys of *links*, each with its linked articles and their scores.

    Links are symmetric; those to articles that are no keys are passed over. Every article is in one story, alone if
    need be.
    """
    names = sorted(links)
    number = {name: index for index, name in enumerate(names)}
    graph = [{number[other]: s for other, s in sorted(links[name].items()) if other in number} for name in names]
    return assemble_blocks([frozenset([name]) for name in names], graph, cost, orders or Orders())


def assemble_blocks(blocks: Sequence[frozenset[str]], graph: Graph, cost: Cost, orders: Orders) -> list[frozenset[str]]:
    """The same for *blocks* of articles that stay together, with their links by place, added up, in order."""
    stories: dict[int, frozenset[str]] = {}
    sizes = [len(block) for block in blocks]
    prices = [cost.of(size) for size in range(sum(sizes) + 1)]
    for block, group in zip(blocks, _grouped(graph, sizes, prices, _foes(orders, blocks)), strict=True):
        stories[group] = stories.get(group, frozenset()) | block
    return orders.hold_together([*stories.values()])


def _foes(orders: Orders, blocks: Sequence[frozenset[str]]) -> Foes:
    foes: list[set[int]] = [set() for _ in blocks]
    number = {one: index for index, block in enumerate(blocks) for one in block} if orders.apart else {}
    for a, b in orders.apart:
        if a in number and b in number:
            foes[number[a]].add(number[b])
            foes[number[b]].add(number[a])
    return [frozenset(others) for others in foes]


def _grouped(graph: Graph, sizes: Sequence[int], prices: Prices, foes: Foes) -> list[int]:
    """The group of each node, once neither nodes nor groups of them move any more."""
    home = _Groups(graph, sizes, range(len(graph)), prices, foes).settle()
    while True:
        merged = _merged(graph, sizes, home, prices, foes)
        if merged == home:
            return home
        home = _Groups(graph, sizes, merged, prices, foes).settle()


def _merged(graph: Graph, sizes: Sequence[int], home: Sequence[int], prices: Prices, foes: Foes) -> list[int]:
    """The groups after moving them as if they were nodes, again and again until none joins another."""
    while True:
        number = {group: index for index, group in enumerate(dict.fromkeys(home))}
        numbered = [number[group] for group in home]
        coarse, totals = _coarse(graph, sizes, numbered)
        upper = _Groups(coarse, totals, range(len(totals)), prices, _coarse_foes(foes, numbered, len(totals))).settle()
        if len(set(upper)) == len(totals):
            return list(home)
        home = [upper[group] for group in numbered]


def _coarse(graph: Graph, sizes: Sequence[int], home: Sequence[int]) -> tuple[list[dict[int, float]], list[int]]:
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


def _coarse_foes(foes: Foes, home: Sequence[int], groups: int) -> Foes:
    coarse: list[set[int]] = [set() for _ in range(groups)]
    for node, others in enumerate(foes):
        coarse[home[node]].update(home[other] for other in others)
    return [frozenset(others) for others in coarse]


class _Groups:
    """Nodes with sizes in groups, moved one by one to where they are worth most."""

    def __init__(self, graph: Graph, sizes: Sequence[int], home: Sequence[int], prices: Prices, foes: Foes) -> None:
        self._graph, self._sizes, self._prices, self._foes = graph, sizes, prices, foes
        self._home = list(home)
        self._total = [0] * len(graph)
        for node, group in enumerate(self._home):
            self._total[group] += sizes[node]

    def settle(self) -> list[int]:
        """Visit all nodes that have links, then those whose neighbours moved, until none is worth more elsewhere."""
        todo = [node for node, edges in enumerate(self._graph) if edges]
        for _ in range(ROUNDS):
            woken: set[int] = set()
            for node in todo:
                if self._visit(node):
                    woken.update(self._graph[node])
            if not woken:
                break
            todo = sorted(woken)
        return self._home

    def _visit(self, node: int) -> bool:
        """Move *node* to its best group; whether it moved."""
        home, total, prices = self._home, self._total, self._prices
        old, size = home[node], self._sizes[node]
        pull: dict[int, float] = {old: 0.0}
        for other, score in self._graph[node].items():
            group = home[other]
            pull[group] = pull.get(group, 0.0) + score
        for foe in self._foes[node]:
            pull.pop(home[foe], None)
        total[old] -= size
        own = prices[size]
        best, most = -1, 0.0
        for group, links in pull.items():  # its own first, which so wins a tie
            there = total[group]
            worth = links - prices[there + size] + prices[there] + own
            if worth > most + _WORTH:
                best, most = group, worth
        if best < 0:  # better alone: where it is if nobody else is there, else in an empty group
            best = total.index(0) if total[old] else old
        home[node] = best
        total[best] += size
        return best != old
