"""From the scores in a neighbourhood to a graph for clustering, and to links."""

from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.enrichment.related.features.arrays import Float64Array, IndexArray, Int32Array
from services.enrichment.related.features.id_index import IdIndex
from services.enrichment.related.linking.neighbour_list_cache import NeighbourListCache
from services.enrichment.related.linking.neighbourhood import Neighbourhood, Pair
from services.enrichment.related.linking.shared_neighbours import score_reverse_pairs
from shared.store import ordered_pair

SCORE_DIGITS: Final = 2  # of a link's score, as people see it

Block = frozenset[str]


def build_link_graph(
    neighbourhood: Neighbourhood, min_link: float
) -> tuple[list[Block], list[dict[int, float]]]:
    """Build the graph that is clustered.

    Its nodes are the articles inside, each by itself, and the stories on the rim, in order. For
    each node it has the numbers of the nodes linked to it from *min_link* on, with their scores
    added up.
    """
    single_articles = [frozenset([article_id]) for article_id in neighbourhood.inside]
    blocks = sorted([*single_articles, *neighbourhood.rim], key=min)
    block_of = _index_blocks(blocks, neighbourhood.lists)
    scored = neighbourhood.scored_pairs()
    is_link = (scored.scores >= min_link) & (block_of[scored.neighbours] >= 0)
    articles = np.broadcast_to(scored.articles[:, None], is_link.shape)[is_link]
    neighbours = scored.neighbours[is_link]
    distinct = _find_distinct_pairs(articles, neighbours)
    a, b = block_of[articles[distinct]], block_of[neighbours[distinct]]
    edges = np.concatenate([_pair_keys(a, b, len(blocks)), _pair_keys(b, a, len(blocks))])
    keys, edge_numbers = np.unique(edges, return_inverse=True)
    scores = np.bincount(edge_numbers, np.tile(scored.scores[is_link][distinct], 2))
    graph: list[dict[int, float]] = [{} for _ in blocks]
    for key, score in zip(keys.tolist(), scores.tolist(), strict=True):
        block, other = divmod(key, len(blocks))
        graph[block][other] = score
    return blocks, graph


def _index_blocks(blocks: list[Block], lists: NeighbourListCache) -> NDArray[np.int64]:
    """The number of the block of each article, by the article's number; -1 for none."""
    numbers = lists.numbers(chain.from_iterable(blocks))
    block_of = np.full(len(lists), -1, np.int64)
    block_of[numbers] = np.repeat(np.arange(len(blocks)), [*map(len, blocks)])
    return block_of


def select_links(
    neighbourhood: Neighbourhood,
    ids: Iterable[str],
    story_of: Mapping[str, str],
    story_thresholds: Mapping[str, float],
    threshold: float,
) -> dict[Pair, float]:
    """Select the pairs of *ids* that are to be linked, with the scores of their links.

    Two articles that share a story, by *story_of*, need its score in *story_thresholds*; all others
    need *threshold*. Overrides stand above this: pairs that must be linked are, with a score of 1,
    and pairs that cannot be linked are not.
    """
    wanted = set(ids)
    lists = neighbourhood.lists
    articles, others, scores = _collect_pairs(neighbourhood, wanted)
    stories = IdIndex()
    story_numbers = _number_stories(articles, others, story_of, stories, lists)
    thresholds = [story_thresholds.get(story_id, threshold) for story_id in stories.ids]
    stories_of_articles = story_numbers[articles]
    shares_story = stories_of_articles == story_numbers[others]
    # The last threshold, found by -1, is for pairs that share no story.
    needed = np.array([*thresholds, threshold])[np.where(shares_story, stories_of_articles, -1)]
    is_link = np.flatnonzero(scores >= needed)
    is_link = is_link[_find_distinct_pairs(articles[is_link], others[is_link])]
    a_ids, b_ids = lists.ids_of(articles[is_link]), lists.ids_of(others[is_link])
    links: dict[Pair, float] = {}
    for a, b, score in zip(a_ids, b_ids, scores[is_link].tolist(), strict=True):
        links[ordered_pair(a, b)] = round(score, SCORE_DIGITS)
    return _apply_overrides(links, wanted, neighbourhood)


def _apply_overrides(
    links: dict[Pair, float], wanted: Collection[str], neighbourhood: Neighbourhood
) -> dict[Pair, float]:
    constraints = neighbourhood.constraints
    for forbidden in links.keys() & constraints.cannot_link:
        del links[forbidden]
    for a, b in constraints.must_link:
        if a in wanted or b in wanted:
            links[a, b] = 1.0
    return links


def _number_stories(
    articles: Int32Array,
    others: Int32Array,
    story_of: Mapping[str, str],
    stories: IdIndex,
    lists: NeighbourListCache,
) -> Int32Array:
    """The number of the story of each article, by the article's number; -1 for none."""
    story_numbers = np.full(len(lists), -1, np.int32)
    for number in np.unique(np.concatenate([articles, others])).tolist():
        story_id = story_of.get(lists.article_ids[number])
        if story_id:
            story_numbers[number] = stories[story_id]
    return story_numbers


def _collect_pairs(
    neighbourhood: Neighbourhood, ids: Collection[str]
) -> tuple[Int32Array, Int32Array, Float64Array]:
    """Collect the pairs of *ids* that may be linked: by their own lists, or by those of the others.

    The latter matter for existing links only.
    """
    lists, scored = neighbourhood.lists, neighbourhood.scored_pairs()
    is_wanted = np.zeros(len(lists), bool)
    is_wanted[lists.numbers(ids)] = True
    own = is_wanted[scored.articles]
    may_link, neighbours = scored.may_link[own], scored.neighbours[own]
    articles = np.broadcast_to(scored.articles[own][:, None], may_link.shape)
    linked_articles, linked_others = _list_linked(neighbourhood, ids)
    reverse_articles, reverse_others, reverse_scores = score_reverse_pairs(
        lists, lists.numbers(linked_articles), lists.numbers(linked_others)
    )
    return (
        np.concatenate([articles[may_link], reverse_articles]),
        np.concatenate([neighbours[may_link], reverse_others]),
        np.concatenate([scored.scores[own][may_link], reverse_scores]),
    )


def _list_linked(neighbourhood: Neighbourhood, ids: Collection[str]) -> tuple[list[str], list[str]]:
    """The existing links of *ids*, in two columns: the articles themselves, and the others."""
    articles: list[str] = []
    others: list[str] = []
    for link in neighbourhood.links.values():
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
