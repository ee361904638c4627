"""What other rules would change: the difference between two states of one newsroom. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

What = Literal[
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


@dataclass(frozen=True)
class State:
    """What the world sees of a store: *stories* of two or more, who leads, who is published, and how hot."""

    titles: Mapping[str, str]
    stories: Mapping[str, frozenset[str]]
    leads: Mapping[str, str]
    published: frozenset[str]
    heat: Mapping[str, int]


@dataclass(frozen=True)
class Change:
    """One difference. *subject* is a story (created to left) or an article; *before* and *after* are JSON values."""

    what: What
    subject: str
    before: Any
    after: Any


def changes(before: State, after: State) -> list[Change]:
    """Every difference, stories first, then who leads, then what is published, then heat."""
    return [
        *_stories(before.stories, after.stories),
        *_leads(before, after),
        *_published(before, after),
        *_heat(before, after),
    ]


def counts(found: list[Change]) -> dict[What, int]:
    """How many changes there are of each kind, those of none too."""
    kinds: tuple[What, ...] = What.__args__  # type: ignore[attr-defined]
    return {kind: sum(change.what == kind for change in found) for kind in kinds}


Stories = Mapping[str, frozenset[str]]


def _stories(before: Stories, after: Stories) -> Iterator[Change]:
    """Stories are told by whom they share articles with, not by their ids alone."""
    was = {one: story for story, members in before.items() for one in members}
    now = {one: story for story, members in after.items() for one in members}
    yield from _born(after, was)
    yield from _gone(before, now)
    for story in sorted(before.keys() & after.keys()):
        joined = after[story] - before[story] - was.keys()
        left = before[story] - after[story] - now.keys()
        if joined:
            yield Change("joined", story, [], sorted(joined))
        if left:
            yield Change("left", story, sorted(left), [])


def _born(after: Stories, was: Mapping[str, str]) -> Iterator[Change]:
    for story, members in sorted(after.items()):
        before = sorted({was[one] for one in members if one in was})
        if not before:
            yield Change("created", story, [], sorted(members))
        elif len(before) > 1:
            yield Change("merged", story, before, sorted(members))


def _gone(before: Stories, now: Mapping[str, str]) -> Iterator[Change]:
    for story, members in sorted(before.items()):
        after = sorted({now[one] for one in members if one in now})
        if not after:
            yield Change("ended", story, sorted(members), [])
        elif len(after) > 1:
            yield Change("split", story, sorted(members), after)


def _leads(before: State, after: State) -> Iterator[Change]:
    """Articles that lead and did not, or did and do not."""
    for one in sorted(after.leads):
        if (before.leads.get(one) == one) != (after.leads[one] == one):
            yield Change("lead", one, before.leads.get(one), after.leads[one])


def _published(before: State, after: State) -> Iterator[Change]:
    for one in sorted(after.published - before.published):
        yield Change("published", one, False, True)
    for one in sorted(before.published - after.published):
        yield Change("unpublished", one, True, False)


def _heat(before: State, after: State) -> Iterator[Change]:
    for one in sorted(after.heat):
        if before.heat.get(one) != after.heat[one]:
            yield Change("heat", one, before.heat.get(one), after.heat[one])
