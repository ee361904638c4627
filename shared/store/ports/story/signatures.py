"""Signatures in the store: what linking keeps of each article, and the search for candidates."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Literal, NamedTuple, Protocol

TitleWordKind = Literal["word", "name", "number", "date"]


class TitleWord(NamedTuple):
    """A word of a title in lower case, what it is, and its stems: *covid-19* has two."""

    text: str
    kind: TitleWordKind
    stems: tuple[str, ...]


@dataclass(frozen=True)
class Signature:
    """What linking keeps of an article, made of that article alone.

    `vector` has the weights of its stems (L2 norm 1), `terms` the heaviest few to find it by.
    `direction` is what the text is about as a whole, in signed bytes: the embedding by a sentence
    model (384), or the sum of its words' vectors (64). It is empty where neither can read the text.
    """

    article_id: str
    version: int  # of the article it was made from
    published_at: datetime
    terms: tuple[str, ...]  # heaviest first
    vector: Mapping[str, float]
    title: tuple[TitleWord, ...] = ()
    outlet: str = ""  # who published it; empty if unknown
    direction: bytes = b""

    @property
    def language(self) -> str:
        """The language that the stems are marked with (`de:haus`); English ones are not."""
        code, mark, _ = self.terms[0].partition(":") if self.terms else ("", "", "")
        return code if mark else "en"


def select_newest(signatures: Iterable[Signature]) -> dict[str, Signature]:
    """The signature of each article's newest version; of equals the last."""
    in_order = sorted(signatures, key=attrgetter("version"))
    return {signature.article_id: signature for signature in in_order}


class Signatures(Protocol):
    """Only enrichment/related writes here. Ids of articles hold no dots, dollar signs or blanks."""

    async def save(self, signatures: Sequence[Signature]) -> None:
        """Keep each signature unless one of a newer version is stored.

        Every process sees it when the call returns. May be repeated.
        """

    async def get(self, ids: Collection[str]) -> dict[str, Signature]:
        """The signatures of these articles; unknown ones are left out."""

    async def get_if_changed(self, versions: Mapping[str, int]) -> dict[str, Signature]:
        """The signatures of which the caller has another version: 0, if it has none."""

    async def get_versions(self, ids: Collection[str]) -> dict[str, int]:
        """The versions that these signatures were made from; unknown ones are left out."""

    async def find_candidates(
        self, signatures: Sequence[Signature], window: timedelta, per_term: int
    ) -> list[set[str]]:
        """For each signature the ids of articles that share a term with it, itself left out.

        For each of its terms the *per_term* articles published last before it or with it and the
        *per_term* published first after it, within *window* either way. Of those published at one
        moment, the greater ids come first with it or before it, the smaller ids after it. The cost
        depends on *per_term*, not on how many articles share a term.
        """

    async def list_directions(self, skip: int, limit: int) -> list[bytes]:
        """The directions of *limit* articles, after the *skip* that were published last.

        Of those published at one moment the greater ids come first.
        """

    async def list_newest_ids(self, limit: int) -> list[str]:
        """The articles that were published last."""

    async def count(self) -> int: ...
