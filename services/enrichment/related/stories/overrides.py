"""What the editors' overrides amount to: which articles must share a story, and which must not.

Overrides take precedence over all scores. Where two contradict each other the later one wins, even
if they contradict only through a third: blocking A and C drops the older of the pins A-B and B-C.
All of this is pure, except `load_overrides`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from shared.store import Override, Store

Pair = tuple[str, str]


@dataclass(frozen=True)
class OverrideConstraints:
    """Pairs of articles that must be linked, or must not.

    `group_of` has every article that must be linked to others, with the smallest id of its group.
    """

    must_link: frozenset[Pair] = frozenset()
    cannot_link: frozenset[Pair] = frozenset()
    group_of: Mapping[str, str] = field(default_factory=dict)

    def find_partners(self, ids: Iterable[str]) -> set[str]:
        """Find the articles that must be linked to any of *ids*, together with these."""
        wanted = set(ids)
        partners: set[str] = set()
        for pair in self.must_link:
            if not wanted.isdisjoint(pair):
                partners.update(pair)
        return partners

    def merge_must_linked(self, stories: Sequence[frozenset[str]]) -> list[frozenset[str]]:
        """Merge the stories of articles that must be linked.

        A story joins without its other articles if any of these cannot be linked to an article that
        is there: they stay behind together.
        """
        merged = {*stories}
        for group in sorted(set(self.group_of.values())):
            members = {article_id for article_id, name in self.group_of.items() if name == group}
            affected = [story for story in merged if not story.isdisjoint(members)]
            merged.difference_update(affected)
            merged.update(self._merge_around(members, affected))
        return sorted(merged, key=min)

    def _merge_around(
        self, members: set[str], stories: Sequence[frozenset[str]]
    ) -> list[frozenset[str]]:
        """Merge *stories*, the largest first, around *members*, who must be linked."""
        whole = frozenset[str]().union(*stories) & members
        for story in sorted(stories, key=lambda story: (-len(story), min(story))):
            if not self._are_kept_apart(whole, story - members):
                whole |= story
        remainders = [story - whole for story in stories]
        return [story for story in (whole, *remainders) if story]

    def _are_kept_apart(self, ids: Collection[str], others: Collection[str]) -> bool:
        """Whether any of *ids* cannot be linked to any of *others*."""
        return any(
            (a in ids and b in others) or (b in ids and a in others) for a, b in self.cannot_link
        )


def resolve_overrides(overrides: Sequence[Override]) -> OverrideConstraints:
    """Drop what later ones contradict from *overrides*, which come latest first."""
    groups = _Groups()
    must_link: set[Pair] = set()
    cannot_link: set[Pair] = set()
    for override in overrides:
        for a, b in sorted(override.pairs):
            if override.should_link:
                if groups.join(a, b):
                    must_link.add((a, b))
            elif groups.keep_apart(a, b):
                cannot_link.add((a, b))
    linked_ids = set(chain.from_iterable(must_link))
    group_of = {article_id: groups.name_of(article_id) for article_id in linked_ids}
    return OverrideConstraints(frozenset(must_link), frozenset(cannot_link), group_of)


async def load_overrides(ids: Collection[str], store: Store) -> list[Override]:
    """Load the overrides that concern these articles, directly or through others; latest first."""
    found: dict[str, Override] = {}
    visited: set[str] = set()
    frontier = set(ids)
    while frontier:
        visited |= frontier
        named = set(frontier)
        for override in await store.overrides.find_by_articles(frontier):
            found[override.id] = override
            named |= override.article_ids
        frontier = named - visited
    return sort_latest_first(found.values())


def sort_latest_first(overrides: Iterable[Override]) -> list[Override]:
    """Sort by time, latest first; overrides of the same time by their ids."""
    by_id = sorted(overrides, key=lambda override: override.id)
    return sorted(by_id, key=lambda override: override.at, reverse=True)


class _Groups:
    """Groups of articles that must be linked, and the pairs of articles that must not."""

    def __init__(self) -> None:
        self._members: dict[str, set[str]] = {}  # all articles of a group share one set
        self._kept_apart: dict[str, set[str]] = {}

    def name_of(self, article_id: str) -> str:
        """The smallest id in the article's group."""
        return min(self._group_of(article_id))

    def join(self, a: str, b: str) -> bool:
        """Merge the groups of two articles; False if any of their members are kept apart."""
        group, other = self._group_of(a), self._group_of(b)
        for member in group:
            if not other.isdisjoint(self._kept_apart.get(member, ())):
                return False
        group |= other
        self._members |= dict.fromkeys(group, group)
        return True

    def keep_apart(self, a: str, b: str) -> bool:
        """Keep two articles apart; False if they are in one group."""
        if b in self._group_of(a):
            return False
        self._kept_apart.setdefault(a, set()).add(b)
        self._kept_apart.setdefault(b, set()).add(a)
        return True

    def _group_of(self, article_id: str) -> set[str]:
        return self._members.setdefault(article_id, {article_id})
