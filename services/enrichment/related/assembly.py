"""Assembles stories: the best way to group articles, given how strongly each pair of them is linked.

A grouping is worth the links inside its stories less a cost that grows with their size: an article joins a story if
its links to the members outweigh what a further member costs there. The best grouping is sought by moving articles,
and then whole groups, to wherever they are worth most, until nothing moves (the Louvain method, with an absolute cost
as in the constant Potts model). Nothing else enters: no arrival order, no earlier grouping, no chance. Articles are
visited in the order of their ids, so whoever sees the same links finds the same stories.

The newsroom's orders stand above the links: no article goes where somebody is whom it is kept apart from, and the
stories of articles that belong together become one in the end.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from services.enrichment.related.orders import Orders

ROUNDS = 40  # visits to an article before it stays where it is: they settle within ten
_WORTH = 1e-9  # a move that gains less is rounding

Links = Mapping[str, Mapping[str, float]]
Graph = Sequence[Mapping[int, float]]
Price = Callable[[int], float]
Foes = Sequence[frozenset[int]]  # of each node, those it is kept apart from


@dataclass(frozen=True)
class Cost:
    """What a further member costs: *close* for each of the first *few* members there are, *loose* for each other one.

    In a small story an article must be linked to nearly all, in a large one, whose members know only the nearest, to
    some.
    """

    close: float = 0.42
    few: int = 10
    loose: float = 0.010

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
    orders = orders or Orders()
    names = sorted(links)
    number = {name: index for index, name in enumerate(names)}
    graph = [{number[other]: s for other, s in sorted(links[name].items()) if other in number} for name in names]
    stories: dict[int, list[str]] = {}
    for index, group in enumerate(_grouped(graph, cache(cost.of), _foes(orders, number))):
        stories.setdefault(group, []).append(names[index])
    return orders.hold_together([frozenset(members) for members in stories.values()])


def _foes(orders: Orders, number: Mapping[str, int]) -> Foes:
    foes: list[set[int]] = [set() for _ in number]
    for a, b in orders.apart:
        if a in number and b in number:
            foes[number[a]].add(number[b])
            foes[number[b]].add(number[a])
    return [frozenset(others) for others in foes]


def _grouped(graph: Graph, price: Price, foes: Foes) -> list[int]:
    """The group of each node, once neither nodes nor groups of them move any more."""
    home = _Groups(graph, [1] * len(graph), range(len(graph)), price, foes).settle()
    while True:
        merged = _merged(graph, home, price, foes)
        if merged == home:
            return home
        home = _Groups(graph, [1] * len(graph), merged, price, foes).settle()


def _merged(graph: Graph, home: Sequence[int], price: Price, foes: Foes) -> list[int]:
    """The groups after moving them as if they were nodes, again and again until none joins another."""
    while True:
        number = {group: index for index, group in enumerate(dict.fromkeys(home))}
        numbered = [number[group] for group in home]
        coarse, sizes = _coarse(graph, numbered)
        upper = _Groups(coarse, sizes, range(len(sizes)), price, _coarse_foes(foes, numbered, len(sizes))).settle()
        if len(set(upper)) == len(sizes):
            return list(home)
        home = [upper[group] for group in numbered]


def _coarse(graph: Graph, home: Sequence[int]) -> tuple[list[dict[int, float]], list[int]]:
    """The graph of the groups (numbered from 0 without gaps), links between two of them added up, and their sizes."""
    sizes = [0] * (max(home, default=-1) + 1)
    coarse: list[dict[int, float]] = [{} for _ in sizes]
    for node, edges in enumerate(graph):
        sizes[home[node]] += 1
        mine = coarse[home[node]]
        for other, score in edges.items():
            if home[other] != home[node]:
                mine[home[other]] = mine.get(home[other], 0.0) + score
    return coarse, sizes


def _coarse_foes(foes: Foes, home: Sequence[int], groups: int) -> Foes:
    coarse: list[set[int]] = [set() for _ in range(groups)]
    for node, others in enumerate(foes):
        coarse[home[node]].update(home[other] for other in others)
    return [frozenset(others) for others in coarse]


class _Groups:
    """Nodes with sizes in groups, moved one by one to where they are worth most."""

    def __init__(self, graph: Graph, sizes: Sequence[int], home: Sequence[int], price: Price, foes: Foes) -> None:
        self._graph, self._sizes, self._price, self._foes = graph, sizes, price, foes
        self._home = list(home)
        self._total = [0] * len(graph)
        for node, group in enumerate(self._home):
            self._total[group] += sizes[node]

    def settle(self) -> list[int]:
        """Visit all nodes, then those whose neighbours moved, until none is worth more elsewhere."""
        todo: Sequence[int] = range(len(self._graph))
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
        old, size, total = self._home[node], self._sizes[node], self._total
        pull: dict[int, float] = {old: 0.0}
        for other, score in self._graph[node].items():
            group = self._home[other]
            pull[group] = pull.get(group, 0.0) + score
        for foe in self._foes[node]:
            pull.pop(self._home[foe], None)
        total[old] -= size
        best, most = -1, 0.0
        for group, links in pull.items():  # its own first, which so wins a tie
            worth = links - self._price(total[group] + size) + self._price(total[group]) + self._price(size)
            if worth > most + _WORTH:
                best, most = group, worth
        if best < 0:  # better alone: where it is if nobody else is there, else in an empty group
            best = total.index(0) if total[old] else old
        self._home[node] = best
        total[best] += size
        return best != old
