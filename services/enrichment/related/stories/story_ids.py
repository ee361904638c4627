"""Which story goes on as which: an id stays with what most of its articles have become."""

from collections import Counter
from collections.abc import Collection, Mapping
from itertools import count

from shared.store import Story


def succeed(
    groups: Collection[frozenset[str]], standing: Mapping[str, str], known: Mapping[str, Story]
) -> dict[str, str]:
    """Give each of *groups* an id, so that as many articles as possible keep theirs; returns each article's story.

    *standing* is where each article stands now; all articles of such a story are in *groups*. An id goes to the group
    that most of its articles are in, a group gets the id that most of its members bring; ties go to the story that is
    known for longer, then to the smaller id. Groups left without are founded anew. Ids of *known* are not used again.
    """
    names: dict[frozenset[str], str] = {}
    claims = Counter((standing[one], group) for group in groups for one in group if one in standing)
    for story, group in sorted(
        claims, key=lambda claim: (-claims[claim], *_age(claim[0], known), min(claim[1]))
    ):
        if group not in names and story not in names.values():
            names[group] = story
    used = {*known, *standing.values()}
    for group in sorted((group for group in groups if group not in names), key=min):
        names[group] = _new_name(min(group), used)
        used.add(names[group])
    return {one: name for group, name in names.items() for one in group}


def founder(article_id: str) -> str:
    """The id of a story that begins with this article."""
    return f"s{article_id}"


def _new_name(article_id: str, used: Collection[str]) -> str:
    name = founder(article_id)
    return (
        name
        if name not in used
        else next(n for n in (f"{name}-{k}" for k in count(2)) if n not in used)
    )


def _age(story: str, known: Mapping[str, Story]) -> tuple[int, str]:
    """Sorts those first that have gone through more."""
    return -(known[story].version if story in known else 0), story
