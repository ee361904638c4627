"""How neighbour lists change: which entries a list keeps, and which changes matter.

Linking reads only the best entries of a list, so only a change among them makes the article's
neighbourhood another. Pure functions: the store runs them on the lists that it holds.
"""

import math
from bisect import bisect_left
from collections.abc import Collection, Sequence
from operator import neg
from typing import Final

from shared.store import Neighbour, NeighbourList
from shared.store.ports.story.neighbour_lists import Entries

# Entries of a list that count. Stories come out best when an article knows some of a large story.
BEST: Final = 32
# More entries, which replace those of the best that are dropped. They were among the best before.
SLACK: Final = 16

Columns = tuple[list[str], list[float], list[bytes]]
"""The other articles of a list, their scores, and their evidence."""


def merge_entries(before: NeighbourList, entries: Entries) -> tuple[NeighbourList, bool]:
    """The list with *entries*, and whether any of them was or is among the best.

    An entry of None drops the article. Returns *before* itself if nothing changes. A new entry that
    is not among the best is not kept: of what comes to a full list that is most. The result has the
    stamp of *before*.
    """
    known = entries.keys() & before.others
    columns = _copy_without(before, known)
    best_position = _insert_entries(columns, entries, known)
    if best_position == BEST and not known:
        return before, False
    others, scores, evidence = columns
    kept = slice(BEST + SLACK)
    after = NeighbourList(before.stamp, others[kept], scores[kept], evidence[kept])
    is_changed = not known or after.entries != before.entries
    concerns_best = best_position < BEST or not known.isdisjoint(before.others[:BEST])
    return after if is_changed else before, concerns_best


def _insert_entries(columns: Columns, entries: Entries, known: Collection[str]) -> int:
    """Insert the entries that the list keeps.

    Returns the best position that one took, BEST if none is among the best. An article that was
    *known* to the list is kept wherever it goes.
    """
    others, scores, evidence = columns
    lowest_of_best = scores[BEST - 1] if len(scores) >= BEST else -math.inf
    best_position = BEST
    for article_id, neighbour in _list_best_first(entries):
        if neighbour.score < lowest_of_best and article_id not in known:
            continue
        position = _find_position(others, scores, article_id, neighbour.score)
        if position < BEST or article_id in known:
            others.insert(position, article_id)
            scores.insert(position, neighbour.score)
            evidence.insert(position, neighbour.evidence)
            best_position = min(best_position, position)
    return best_position


def _list_best_first(entries: Entries) -> list[tuple[str, Neighbour]]:
    """The entries that are not to be dropped; of equals the smaller id first."""
    found = [(article_id, neighbour) for article_id, neighbour in entries.items() if neighbour]
    return sorted(found, key=lambda entry: (-entry[1].score, entry[0]))


def _copy_without(neighbours: NeighbourList, dropped: Collection[str]) -> Columns:
    """Copies of all columns, without the entries of these articles."""
    if not dropped:
        return [*neighbours.others], [*neighbours.scores], [*neighbours.evidence]
    entries = neighbours.entries
    for article_id in dropped:
        del entries[article_id]
    kept = NeighbourList(0, [*entries], *zip(*entries.values(), strict=True))
    return [*kept.others], [*kept.scores], [*kept.evidence]


def _find_position(
    others: Sequence[str], scores: Sequence[float], article_id: str, score: float
) -> int:
    """Where an entry belongs: after all that are better, and of equals after the smaller ids."""
    if not scores or score < scores[-1]:
        return len(scores)
    position = bisect_left(scores, -score, key=neg)
    while position < len(scores) and scores[position] == score and others[position] < article_id:
        position += 1
    return position
