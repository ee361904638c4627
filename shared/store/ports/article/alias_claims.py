"""Claims of aliases: which article a drop belongs to, and what other articles keep."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class AliasClaim:
    """All aliases of one drop, and the id that its article gets if none of them is known.

    The most authoritative alias comes first: if several articles own some of them, the order says
    whose drop it is.
    """

    article_id: str
    aliases: tuple[str, ...]


class OwnedAlias(NamedTuple):
    """An alias and the article it names."""

    alias: str
    article_id: str

    @property
    def page_key(self) -> str:
        return self.alias


@dataclass(frozen=True)
class GrantedClaim:
    """The answer to a claim: the article of the drop, and those of its aliases that name it.

    *others* are the aliases of the claim that name other articles, which keep them.
    """

    article_id: str
    aliases: tuple[str, ...]
    others: tuple[OwnedAlias, ...] = ()
