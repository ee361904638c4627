"""What other rules would change: the difference between two states of one newsroom. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from services.console.replay.newsroom_state import NewsroomState, Stories

ChangeKind = Literal[
    "created",
    "ended",
    "merged",
    "split",
    "joined",
    "left",
    "lead",
    "published",
    "unpublished",
    "heat",
]
KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)


@dataclass(frozen=True)
class Change:
    """One difference. *subject* is the id of a story (`created` to `left`) or of an article.

    *before* and *after* are JSON values.
    """

    kind: ChangeKind
    subject: str
    before: Any
    after: Any


def diff_states(before: NewsroomState, after: NewsroomState) -> list[Change]:
    """Every difference: stories first, then leads, then what is published, then heat."""
    return [
        *_diff_stories(before.stories, after.stories),
        *_diff_leads(before.leads, after.leads),
        *_diff_published(before.published, after.published),
        *_diff_heat(before.heat, after.heat),
    ]


def count_by_kind(changes: list[Change]) -> dict[ChangeKind, int]:
    """The number of changes of every kind, zeros included."""
    numbers = Counter(change.kind for change in changes)
    return {kind: numbers[kind] for kind in KINDS}


def _diff_stories(before: Stories, after: Stories) -> Iterator[Change]:
    """Stories are matched by the articles they share, not by their ids alone."""
    story_before = _map_articles_to_stories(before)
    story_after = _map_articles_to_stories(after)
    yield from _find_created_and_merged(after, story_before)
    yield from _find_ended_and_split(before, story_after)
    for story in sorted(before.keys() & after.keys()):
        joined = after[story] - before[story] - story_before.keys()
        if joined:
            yield Change("joined", story, [], sorted(joined))
        left = before[story] - after[story] - story_after.keys()
        if left:
            yield Change("left", story, sorted(left), [])


def _map_articles_to_stories(stories: Stories) -> dict[str, str]:
    story_of: dict[str, str] = {}
    for story, articles in stories.items():
        story_of |= dict.fromkeys(articles, story)
    return story_of


def _find_created_and_merged(after: Stories, story_before: Mapping[str, str]) -> Iterator[Change]:
    for story, articles in sorted(after.items()):
        sources = sorted({story_before[article] for article in articles & story_before.keys()})
        if not sources:
            yield Change("created", story, [], sorted(articles))
        elif len(sources) > 1:
            yield Change("merged", story, sources, sorted(articles))


def _find_ended_and_split(before: Stories, story_after: Mapping[str, str]) -> Iterator[Change]:
    for story, articles in sorted(before.items()):
        targets = sorted({story_after[article] for article in articles & story_after.keys()})
        if not targets:
            yield Change("ended", story, sorted(articles), [])
        elif len(targets) > 1:
            yield Change("split", story, sorted(articles), targets)


def _diff_leads(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    """Articles that become a lead or stop being one."""
    for article, lead in sorted(after.items()):
        was_lead = before.get(article) == article
        is_lead = lead == article
        if was_lead != is_lead:
            yield Change("lead", article, before.get(article), lead)


def _diff_published(before: frozenset[str], after: frozenset[str]) -> Iterator[Change]:
    for article in sorted(after - before):
        yield Change("published", article, False, True)
    for article in sorted(before - after):
        yield Change("unpublished", article, True, False)


def _diff_heat(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[Change]:
    for article, heat in sorted(after.items()):
        if before.get(article) != heat:
            yield Change("heat", article, before.get(article), heat)
