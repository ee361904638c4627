"""From the scores in a neighbourhood to a graph for clustering, and to links."""

from collections.abc import Collection, Iterable, Mapping
from itertools import chain, pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.enrichment.related.features.arrays import Float64Array, IndexArray, Int32Array
from services.enrichment.related.judging.neighbour_list_cache import NOBODY, NeighbourListCache
from services.enrichment.related.judging.pair_chances import ScoredPairs
from services.enrichment.related.linking.neighbourhood import Neighbourhood, Pair
from shared.store import Link, ordered_pair

SCORE_DIGITS: Final = 2  # of a link's score, as people see it

Block = frozenset[str]


def build_link_graph(
    neighbourhood: Neighbourhood, min_event: float
) -> tuple[list[Block], list[dict[int, float]]]:
    """Build the graph that is clustered.

    Its nodes are the articles inside, each by itself, and the stories on the rim, in order. For
    each node it has the numbers of the nodes that it may share an event with, from the chance
    *min_event* on, with these chances added up.
    """
    single_articles = [frozenset([article_id]) for article_id in neighbourhood.inside]
    blocks = sorted([*single_articles, *neighbourhood.rim], key=min)
    keys, scores = _add_up_links(neighbourhood, blocks, min_event)
    return blocks, _split_by_block(keys, scores, len(blocks))


def _add_up_links(
    neighbourhood: Neighbourhood, blocks: list[Block], min_event: float
) -> tuple[NDArray[np.int64], Float64Array]:
    """The keys of the pairs of linked blocks, either way round and in order, and their scores."""
    block_of = _index_blocks(blocks, neighbourhood.lists)
    scored = neighbourhood.scored_pairs()
    is_link = (scored.event >= min_event) & (block_of[scored.neighbours] >= 0)
    articles = np.broadcast_to(scored.articles[:, None], is_link.shape)[is_link]
    neighbours = scored.neighbours[is_link]
    distinct = _find_distinct_pairs(articles, neighbours)
    a, b = block_of[articles[distinct]], block_of[neighbours[distinct]]
    edges = np.concatenate([_pair_keys(a, b, len(blocks)), _pair_keys(b, a, len(blocks))])
    keys, edge_numbers = np.unique(edges, return_inverse=True)
    chances = np.tile(scored.event[is_link][distinct], 2)
    return keys, np.bincount(edge_numbers, chances).astype(np.float64)


def _split_by_block(
    keys: NDArray[np.int64], scores: Float64Array, size: int
) -> list[dict[int, float]]:
    """The others of each block with their scores, given the keys of its pairs in order."""
    blocks, others = np.divmod(keys, size)
    ends = np.searchsorted(blocks, np.arange(1, size + 1)).tolist()
    graph: list[dict[int, float]] = []
    for start, end in pairwise([0, *ends]):
        part = slice(start, end)
        graph.append(dict(zip(others[part].tolist(), scores[part].tolist(), strict=True)))
    return graph


def _index_blocks(blocks: list[Block], lists: NeighbourListCache) -> NDArray[np.int64]:
    """The number of the block of each article, by the article's number; -1 for none."""
    numbers = lists.numbers(chain.from_iterable(blocks))
    block_of = np.full(len(lists), -1, np.int64)
    block_of[numbers] = np.repeat(np.arange(len(blocks)), [*map(len, blocks)])
    return block_of


def select_links(
    neighbourhood: Neighbourhood,
    ids: Iterable[str],
    threshold: float,
    existing: Mapping[Pair, Link],
) -> dict[Pair, Link]:
    """Select the links of *ids*: the pairs whose chance of being related reaches *threshold*.

    *existing* has their links so far. Overrides take precedence: pairs that must be linked are,
    with a score of 1, and pairs that cannot be linked are not.
    """
    wanted = set(ids)
    lists = neighbourhood.lists
    articles, others, scored = _collect_pairs(neighbourhood, wanted, existing)
    is_link = np.flatnonzero(scored.related >= threshold)
    is_link = is_link[_find_distinct_pairs(articles[is_link], others[is_link])]
    a_ids, b_ids = lists.ids_of(articles[is_link]), lists.ids_of(others[is_link])
    scores = scored.related[is_link].round(SCORE_DIGITS).tolist()
    events = scored.event[is_link].round(SCORE_DIGITS).tolist()
    likenesses = scored.likeness[is_link].tolist()
    links: dict[Pair, Link] = {}
    for a, b, score, event, likeness in zip(a_ids, b_ids, scores, events, likenesses, strict=True):
        pair = ordered_pair(a, b)
        links[pair] = Link(*pair, score, event=event, likeness=likeness)
    return _apply_overrides(links, wanted, neighbourhood)


def _apply_overrides(
    links: dict[Pair, Link], wanted: Collection[str], neighbourhood: Neighbourhood
) -> dict[Pair, Link]:
    constraints = neighbourhood.constraints
    for forbidden in links.keys() & constraints.cannot_link:
        del links[forbidden]
    for a, b in constraints.must_link:
        if a in wanted or b in wanted:
            links[a, b] = Link(a, b, 1.0, pinned=True, event=1.0, likeness=1.0)
    return links


def _collect_pairs(
    neighbourhood: Neighbourhood, ids: Collection[str], existing: Mapping[Pair, Link]
) -> tuple[Int32Array, Int32Array, ScoredPairs]:
    """Collect the pairs of *ids* that may be linked: by their own lists, or by those of the others.

    The latter matter for existing links only.
    """
    lists, scored = neighbourhood.lists, neighbourhood.scored_pairs()
    is_wanted = np.zeros(len(lists), bool)
    is_wanted[lists.numbers(ids)] = True
    own = is_wanted[scored.articles]
    neighbours = scored.neighbours[own]
    is_entry = neighbours != NOBODY
    articles = np.broadcast_to(scored.articles[own][:, None], is_entry.shape)
    linked_articles, linked_others = _list_linked(existing, ids)
    reverse_articles, reverse_others, reverse = neighbourhood.score_reverse_pairs(
        lists.numbers(linked_articles), lists.numbers(linked_others)
    )
    columns: list[Float64Array] = []
    for listed, reversed_column in zip(scored[2:], reverse, strict=True):
        columns.append(np.concatenate([listed[own][is_entry], reversed_column]))
    return (
        np.concatenate([articles[is_entry], reverse_articles]),
        np.concatenate([neighbours[is_entry], reverse_others]),
        ScoredPairs(*columns),
    )


def _list_linked(
    existing: Mapping[Pair, Link], ids: Collection[str]
) -> tuple[list[str], list[str]]:
    """The existing links of *ids*, in two columns: the articles themselves, and the others."""
    articles: list[str] = []
    others: list[str] = []
    for link in existing.values():
        for end in (link.a, link.b):
            if end in ids:
                articles.append(end)
                others.append(link.other(end))
    return articles, others


def _find_distinct_pairs(articles: Int32Array, others: Int32Array) -> IndexArray:
    """The places of the distinct pairs, each where it first occurs, whichever way round."""
    lower, upper = np.minimum(articles, others), np.maximum(articles, others)
    keys = _pair_keys(lower, upper, int(upper.max(initial=0)) + 1)
    places: IndexArray = np.unique(keys, return_index=True)[1]
    return places


def _pair_keys(
    firsts: NDArray[np.integer[Any]], seconds: NDArray[np.integer[Any]], size: int
) -> NDArray[np.int64]:
    """A number for each pair of numbers below *size*."""
    return firsts.astype(np.int64) * size + seconds
