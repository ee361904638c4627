"""Two waves of one affair are two stories: a report, and the ruling of a court two days later.

Their texts are so alike, and have so many neighbours in common, that all chances say one event. So
each large story is parted in two by what its texts say. If the newer half came out a day or more
after the older one, another event happened in between, and the story is parted by text and time.
Within one event the halves overlap in time: of 70 labelled stories of 20 and more articles no
median is later than the other by more than .32 days.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import BoolArray, Float64Array
from services.enrichment.related.stories.centre_guard import Block, Directions

MIN_STORY: Final = 12  # articles; the halves of a smaller story say little
MIN_WAVE: Final = 4
MIN_GAP: Final = 1.0  # days between the medians of both halves
MIN_ORDER: Final = 0.8  # share of pairs of which the article of the newer half is the newer one
DAY_WEIGHT: Final = 0.1  # of a day, as a distance between directions
MAX_ROUNDS: Final = 50  # of moving articles between the halves; five are usual


def split_waves(
    stories: Sequence[Block],
    free: Collection[str],
    directions: Directions,
    days: Mapping[str, float],
) -> list[Block]:
    """Split each of *stories* into its waves.

    *days* has when each article was published. Stories with members that are not *free* stay whole.
    """
    free_ids = frozenset(free)
    remaining, found = [*stories], []
    while remaining:
        story = remaining.pop()
        waves = _find_waves(story, directions, days) if story <= free_ids else []
        remaining += waves
        if not waves:
            found.append(story)
    return found


def _find_waves(story: Block, directions: Directions, days: Mapping[str, float]) -> list[Block]:
    """The two waves of *story*, or none. Members without a direction stay in one of them."""
    members = [article_id for article_id in sorted(story) if article_id in directions]
    if len(members) < MIN_STORY:
        return []
    times = np.array([days[article_id] for article_id in members])
    if np.ptp(times) < MIN_GAP:  # true of most stories, and to part a large one is dear
        return []
    texts = np.stack([directions[article_id] for article_id in members]).astype(np.float64)
    if not _is_in_order(part_in_two(texts), times):
        return []
    with_times = np.column_stack([texts, DAY_WEIGHT * (times - times.min())])
    is_second = part_in_two(with_times)
    wave = frozenset(members[place] for place in np.flatnonzero(is_second).tolist())
    return [wave, story - wave] if MIN_WAVE <= len(wave) <= len(story) - MIN_WAVE else []


def _is_in_order(is_second: BoolArray, times: Float64Array) -> bool:
    """Whether either half came out well after the other."""
    first, second = times[~is_second], times[is_second]
    if min(len(first), len(second)) < MIN_WAVE:
        return False
    order = (np.sign(second[:, None] - first).mean() + 1) / 2
    gap = abs(float(np.median(second) - np.median(first)))
    return max(order, 1 - order) >= MIN_ORDER and gap >= MIN_GAP


def part_in_two(rows: Float64Array) -> BoolArray:
    """Part *rows* into the two groups that lie closest together, by two-means.

    It begins with the two sides along the direction in which the rows differ most.
    """
    offsets = rows - rows.mean(0)
    # From the products of columns: decomposing thousands of rows would take several copies of
    # them.
    main_direction = np.linalg.eigh(offsets.T @ offsets).eigenvectors[:, -1]
    is_second = np.asarray(offsets @ main_direction > 0)
    for _ in range(MAX_ROUNDS):
        if is_second.all() or not is_second.any():
            break
        first, second = offsets[~is_second].mean(0), offsets[is_second].mean(0)
        # A row is nearer to that centre whose side of their midpoint it is on.
        across = second - first
        moved = np.asarray(offsets @ across > (first + second) / 2 @ across)
        if np.array_equal(moved, is_second):
            break
        is_second = moved
    return is_second
