"""Which story goes on as which: an id stays with what most of its articles have become."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from shared.store import Story


@dataclass(frozen=True)
class Succession:
    """`story`: where each article stands from now on. `heirs`: for each story that ends, the one that follows it."""

    story: Mapping[str, str]
    heirs: Mapping[str, str]


def succeed(groups: Collection[frozenset[str]], standing: Mapping[str, str], known: Mapping[str, Story]) -> Succession:
    """Give each of *groups* an id, so that as many articles as possible keep theirs.

    *standing* is where each article stands now; all articles of such a story are in *groups*. An id goes to the group
    that most of its articles are in, a group gets the id that most of its members bring; ties go to the story that is
    known for longer, then to the smaller id. Groups left without are founded anew. Ids of *known* are not used again.
    """
    names: dict[frozenset[str], str] = {}
    claims = Counter((standing[one], group) for group in groups for one in group if one in standing)
    for story, group in sorted(claims, key=lambda claim: (-claims[claim], *_age(claim[0], known), min(claim[1]))):
        if group not in names and story not in names.values():
            names[group] = story
    used = {*known, *standing.values()}
    for group in sorted((group for group in groups if group not in names), key=min):
        names[group] = _new_name(min(group), used)
        used.add(names[group])
    story_of = {one: name for group, name in names.items() for one in group}
    return Succession(story_of, _heirs(standing, story_of))


def faces(succession: Succession, known: Mapping[str, Story], now: datetime) -> list[Story]:
    """The stories whose members are no longer what is *known*, in their next version. One article makes no story."""
    members: dict[str, list[str]] = {}
    for one, story in succession.story.items():
        members.setdefault(story, []).append(one)
    living = {story: tuple(sorted(articles)) for story, articles in members.items()}
    changed = [
        Story(story, _next(known.get(story)), articles, now)
        for story, articles in living.items()
        if (known[story].members != articles if story in known else len(articles) > 1)
    ]
    ended = [Story(old, _next(known[old]), (), now, heir) for old, heir in succession.heirs.items() if old in known]
    return changed + ended


def founder(article_id: str) -> str:
    """The id of a story that begins with this article."""
    return f"s{article_id}"


def _new_name(article_id: str, used: Collection[str]) -> str:
    name = founder(article_id)
    return name if name not in used else next(n for n in (f"{name}-{k}" for k in count(2)) if n not in used)


def _age(story: str, known: Mapping[str, Story]) -> tuple[int, str]:
    """Sorts those first that have gone through more."""
    return -(known[story].version if story in known else 0), story


def _next(story: Story | None) -> int:
    return story.version + 1 if story else 1


def _heirs(standing: Mapping[str, str], story_of: Mapping[str, str]) -> dict[str, str]:
    living = set(story_of.values())
    went: dict[str, Counter[str]] = {}
    for one, old in standing.items():
        if old not in living:
            went.setdefault(old, Counter())[story_of[one]] += 1
    return {old: min(to, key=lambda new: (-to[new], new)) for old, to in went.items()}
