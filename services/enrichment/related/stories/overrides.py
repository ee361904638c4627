"""What the newsroom's instructions come to: who belongs together and who is kept apart, whatever the scores.

Of two instructions that contradict each other the later one stands, even if they do so only by way of a third: who
blocks A and C after A and B, and B and C, were pinned takes the older pin away. Pure, but for `read`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.store import Instruction, Store

Pair = tuple[str, str]


@dataclass(frozen=True)
class Orders:
    """*group* names for each article that belongs together with others the group it is in: its smallest id."""

    together: frozenset[Pair] = frozenset()
    apart: frozenset[Pair] = frozenset()
    group: Mapping[str, str] = field(default_factory=dict)

    def partners(self, ids: Iterable[str]) -> set[str]:
        """Who belongs together with any of these articles."""
        wanted = set(ids)
        return {end for ends in self.together if wanted & {*ends} for end in ends}

    def hold_together(self, stories: Sequence[frozenset[str]]) -> list[frozenset[str]]:
        """*stories*, those of articles that belong together made one.

        Of such a story, who is kept apart from somebody there stays behind, with the rest of the own story.
        """
        standing = {*stories}
        for name in sorted(set(self.group.values())):
            held = {one for one, group in self.group.items() if group == name}
            theirs = sorted(
                (story for story in standing if story & held),
                key=lambda story: (-len(story), min(story)),
            )
            whole = frozenset(one for story in theirs for one in story & held)
            for story in theirs:
                if not self._quarrel(whole, story - held):
                    whole |= story
            standing -= {*theirs}
            standing |= {left for left in [whole, *(story - whole for story in theirs)] if left}
        return sorted(standing, key=min)

    def _quarrel(self, some: Collection[str], others: Collection[str]) -> bool:
        return any(
            (a in some and b in others) or (b in some and a in others) for a, b in self.apart
        )


def orders(instructions: Sequence[Instruction]) -> Orders:
    """What stands of *instructions*, which come latest first."""
    groups = _Groups()
    together: set[Pair] = set()
    apart: set[Pair] = set()
    for one in instructions:
        for a, b in sorted(one.pairs):
            if one.together and groups.join(a, b):
                together.add((a, b))
            elif not one.together and groups.part(a, b):
                apart.add((a, b))
    return Orders(
        frozenset(together),
        frozenset(apart),
        {one: groups.of(one) for ends in together for one in ends},
    )


async def read(ids: Collection[str], store: Store) -> list[Instruction]:
    """The instructions that bear on these articles, directly or by way of others; latest first."""
    found: dict[str, Instruction] = {}
    asked: set[str] = set()
    ask = set(ids)
    while ask:
        asked |= ask
        found |= {one.id: one for one in await store.instructions.of(ask)}
        ask = {article_id for one in found.values() for article_id in one.articles} - asked
    return latest_first(found.values())


def latest_first(instructions: Iterable[Instruction]) -> list[Instruction]:
    return sorted(
        sorted(instructions, key=lambda one: one.id), key=lambda one: one.at, reverse=True
    )


class _Groups:
    """Articles that belong together, and which of these groups are kept apart."""

    def __init__(self) -> None:
        self._members: dict[str, set[str]] = {}  # shared by all articles of a group
        self._foes: dict[str, set[str]] = {}

    def of(self, article_id: str) -> str:
        return min(self._group(article_id))

    def join(self, a: str, b: str) -> bool:
        """Put two groups together; False when they are kept apart."""
        one, two = self._group(a), self._group(b)
        if any(self._foes.get(member, set()) & two for member in one):
            return False
        one |= two
        self._members |= dict.fromkeys(one, one)
        return True

    def part(self, a: str, b: str) -> bool:
        """Keep two articles apart; False when they belong together."""
        if b in self._group(a):
            return False
        self._foes.setdefault(a, set()).add(b)
        self._foes.setdefault(b, set()).add(a)
        return True

    def _group(self, article_id: str) -> set[str]:
        return self._members.setdefault(article_id, {article_id})
