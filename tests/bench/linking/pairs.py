"""What the baselines share: every article against every other of its week, then related articles and stories of that.

Their final state is judged, so each pair is seen from both ends, whichever came first.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.bench.linking.streams import Row

Neighbours = list[list[tuple[int, float]]]
"""For each article others by their place in the stream, with their similarity, best first."""

WINDOW_SECONDS = 7 * 86_400.0
RELATED = 10  # as many as the product shows
KEPT = 30  # enough to find an article's story by
BLOCK = 256


def texts(rows: Sequence[Row]) -> list[str]:
    return [f"{row['title']} {row['excerpt']}" for row in rows]


def nearest(rows: Sequence[Row], ones: Any, others: Any) -> Neighbours:
    """The `KEPT` nearest of each article within the window; similarity is the product of a row of each matrix.

    *ones* and *others* are (articles × features), sparse or dense. If the product depends on the order, its mean
    counts.
    """
    times = np.array([row["ts"] for row in rows])
    found: Neighbours = []
    for start in range(0, len(rows), BLOCK):
        block = slice(start, min(start + BLOCK, len(rows)))
        first = int(np.searchsorted(times, times[block.start] - WINDOW_SECONDS))
        last = int(np.searchsorted(times, times[block.stop - 1] + WINDOW_SECONDS, side="right"))
        near = slice(first, last)
        scores = _dense(ones[block] @ others[near].T)
        if ones is not others:
            scores = (scores + _dense(others[block] @ ones[near].T)) / 2
        apart = np.abs(times[block, None] - times[None, near]) > WINDOW_SECONDS
        scores[apart] = 0
        scores[np.arange(block.stop - start), np.arange(start - first, block.stop - first)] = 0
        found += [_best(row, first) for row in scores]
    return found


def predictions(
    rows: Sequence[Row], neighbours: Neighbours, related: float, story: float
) -> list[Row]:
    """Related from the one similarity on; in one story from the other on (see `_stories`)."""
    stories = _stories(neighbours, story)
    return [
        {
            "id": row["id"],
            "related": [rows[other]["id"] for other, score in near if score >= related][:RELATED],
            "story": str(stories[place]),
        }
        for place, (row, near) in enumerate(zip(rows, neighbours, strict=True))
    ]


def _stories(neighbours: Neighbours, bar: float) -> list[int]:
    """In the order of arrival each article joins the story whose three nearest members are nearest, or begins one.

    A story of three or more that has fewer of them among the neighbours is the farther for it.
    """
    stories: list[int] = []
    sizes: dict[int, int] = defaultdict(int)
    for place, near in enumerate(neighbours):
        votes: dict[int, list[float]] = defaultdict(list)
        for other, score in near:
            if other < place:
                votes[stories[other]].append(score)
        means = {story: sum(scores[:3]) / min(3, sizes[story]) for story, scores in votes.items()}
        best = max(means, key=lambda story: means[story], default=place)
        stories.append(best if means.get(best, 0.0) >= bar else place)
        sizes[stories[-1]] += 1
    return stories


def _best(scores: Any, first: int) -> list[tuple[int, float]]:
    places = np.argpartition(-scores, min(KEPT, len(scores) - 1))[:KEPT]
    ordered = sorted(
        ((first + int(place), float(scores[place])) for place in places),
        key=lambda one: (-one[1], one[0]),
    )
    return [one for one in ordered if one[1] > 0]


def _dense(matrix: Any) -> Any:
    return matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)
