"""Invented feeds in which every story has the same number of articles.

The words of a story are drawn from the table of stems. All its articles share some of them, and
differ in the others, as reports about one event do. So stories have nothing in common but chance.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any, Final

from services.enrichment.related.features.word_vectors import load_stem_table

Lines = Sequence[dict[str, Any]]
"""Articles as a stream has them, in the order of arrival."""

START: Final = 1_770_000_000.0
DAY: Final = 86_400.0
_LEAST_WEIGHT, _MOST_WEIGHT = 5.0, 9.0  # words that say something and are not the rarest
_OUTLETS: Final = 40


def build_feed(articles: int, story_size: int, seed: int = 1) -> list[dict[str, Any]]:
    """The lines of a stream, in the order of arrival: stories of *story_size*, within a day."""
    dice = random.Random(seed)
    words = _list_words()
    lines: list[dict[str, Any]] = []
    for story in range(articles // story_size):
        for text in _write_story(story_size, words, dice):
            lines.append(text | {"story": f"s{story}"})
    dice.shuffle(lines)
    for number, line in enumerate(lines):
        line |= {"id": f"{number}", "ts": START + DAY * number / len(lines)}
        line |= {"provider": f"outlet-{dice.randrange(_OUTLETS)}.example"}
    return lines


def build_others(articles: int) -> list[dict[str, Any]]:
    """Unrelated articles of the day before."""
    lines = build_feed(articles, 1, seed=2)
    return [line | {"id": f"other-{line['id']}", "ts": line["ts"] - DAY} for line in lines]


def _list_words() -> list[str]:
    weights = load_stem_table().weights
    wanted = [stem for stem, weight in weights.items() if _LEAST_WEIGHT < weight < _MOST_WEIGHT]
    return sorted(stem for stem in wanted if stem.isalpha() and len(stem) > 3)


def _write_story(size: int, words: list[str], dice: random.Random) -> Iterator[dict[str, Any]]:
    """Texts about one event: its name, what happened, and one of its many details."""
    drawn = dice.sample(words, 72)
    core, main, details = drawn[:4], drawn[4:12], drawn[12:]
    for _ in range(size):
        title = [*core, *dice.sample(main, 3), *dice.sample(details, 1)]
        excerpt = [*core, *dice.sample(main, 6), *dice.sample(details, 4)]
        yield {"title": " ".join(title).capitalize(), "excerpt": " ".join(excerpt) + "."}
