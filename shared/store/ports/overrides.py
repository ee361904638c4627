"""The newsroom's word on articles: kept against whatever their own words say, until it is taken back."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Literal, Protocol

from shared.store.ports.relations import pair

Word = Literal["pin", "merge", "block", "split"]


@dataclass(frozen=True)
class Instruction:
    """Each of *ones* and each of *others* belong together (pin, merge), or are kept apart (block, split)."""

    word: Word
    ones: tuple[str, ...]  # ids of articles, sorted
    others: tuple[str, ...]
    by: str
    at: datetime
    reason: str = ""

    @property
    def id(self) -> str:
        """The same for the same word on the same articles, whoever gives it."""
        named = " ".join((self.word, ",".join(self.ones), ",".join(self.others)))
        return hashlib.sha256(named.encode()).hexdigest()[:24]

    @property
    def together(self) -> bool:
        return self.word in ("pin", "merge")

    @property
    def articles(self) -> frozenset[str]:
        return frozenset(self.ones + self.others)

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The pairs of articles that it is about."""
        return frozenset(
            pair(one, other) for one, other in product(self.ones, self.others) if one != other
        )


class Instructions(Protocol):
    """Written by `seedwire story`, for people."""

    async def save(self, instruction: Instruction) -> None:
        """Keep it; the same word on the same articles is replaced. Visible to all on return."""

    async def of(self, ids: Collection[str]) -> list[Instruction]:
        """The instructions that name any of these articles, the latest first; of two given at once, by their ids."""

    async def forget(self, instructions: Sequence[Instruction]) -> None:
        """Take these back. May be repeated."""

    async def page(self, after: str = "", limit: int = 500) -> list[Instruction]:
        """Instructions in the order of ids greater than *after*."""
