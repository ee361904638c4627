"""What the baselines share: they compare every article with every other of its week.

Related articles and stories follow from that. What is judged is the final state, so each pair is
seen from both ends, whichever came first.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tests.bench.linking.streams import Row

Neighbours = list[list[tuple[int, float]]]
"""For each article others by their place in the stream, with their similarity, best first."""

WINDOW_SECONDS = 7 * 86_400.0
MAX_RELATED = 10  # as many as the product shows
MAX_NEIGHBOURS = 30  # enough to find an article's story by
BLOCK = 256


def build_texts(rows: Sequence[Row]) -> list[str]:
    return [f"{row['title']} {row['excerpt']}" for row in rows]


def find_nearest(rows: Sequence[Row], queries: Any, documents: Any) -> Neighbours:
    """The `MAX_NEIGHBOURS` nearest of each article within the window.

    *queries* and *documents* are articles × features, sparse or dense. Similarity is the product of
    a row of each, averaged over both orders if the two matrices differ.
    """
    times = np.array([row["ts"] for row in rows])
    neighbours: Neighbours = []
    for start in range(0, len(rows), BLOCK):
        block = slice(start, min(start + BLOCK, len(rows)))
        first = int(np.searchsorted(times, times[block.start] - WINDOW_SECONDS))
        last = int(np.searchsorted(times, times[block.stop - 1] + WINDOW_SECONDS, side="right"))
        window = slice(first, last)
        scores = _to_dense(queries[block] @ documents[window].T)
        if queries is not documents:
            scores = (scores + _to_dense(documents[block] @ queries[window].T)) / 2
        is_far = np.abs(times[block, None] - times[None, window]) > WINDOW_SECONDS
        scores[is_far] = 0
        own_columns = np.arange(start - first, block.stop - first)
        scores[np.arange(block.stop - start), own_columns] = 0
        neighbours += [_select_best(row, first) for row in scores]
    return neighbours


def predict(
    rows: Sequence[Row], neighbours: Neighbours, related_from: float, story_from: float
) -> list[Row]:
    """Articles are related from one similarity on, and in one story from another on."""
    stories = _assign_stories(neighbours, story_from)
    predictions: list[Row] = []
    for row, near, story in zip(rows, neighbours, stories, strict=True):
        related = [rows[other]["id"] for other, score in near if score >= related_from]
        predictions.append({"id": row["id"], "related": related[:MAX_RELATED], "story": str(story)})
    return predictions


def _assign_stories(neighbours: Neighbours, story_from: float) -> list[int]:
    """Assign articles to stories in the order of arrival.

    An article joins the story whose three nearest members are nearest, or begins one.
    """
    stories: list[int] = []
    sizes: dict[int, int] = defaultdict(int)
    for place, near in enumerate(neighbours):
        scores_by_story: dict[int, list[float]] = defaultdict(list)
        for other, score in near:
            if other < place:
                scores_by_story[stories[other]].append(score)
        means = _average_best(scores_by_story, sizes)
        best = max(means, key=lambda story: means[story], default=place)
        stories.append(best if means.get(best, 0.0) >= story_from else place)
        sizes[stories[-1]] += 1
    return stories


def _average_best(
    scores_by_story: Mapping[int, Sequence[float]], sizes: Mapping[int, int]
) -> dict[int, float]:
    """The mean similarity of each story's three nearest members.

    Members of a story of three or more that are missing among the neighbours count 0.
    """
    means: dict[int, float] = {}
    for story, scores in scores_by_story.items():
        means[story] = sum(scores[:3]) / min(3, sizes[story])
    return means


def _select_best(scores: Any, first: int) -> list[tuple[int, float]]:
    places = np.argpartition(-scores, min(MAX_NEIGHBOURS, len(scores) - 1))[:MAX_NEIGHBOURS]
    candidates = [(first + int(place), float(scores[place])) for place in places]
    candidates.sort(key=lambda candidate: (-candidate[1], candidate[0]))
    return [(place, score) for place, score in candidates if score > 0]


def _to_dense(matrix: Any) -> Any:
    return matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)
