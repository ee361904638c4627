"""Errands: URLs to ask for, with all who wait for them and what is known already. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.enrichment.images.fetching.fetch_outcome import NOTHING_KNOWN, Validators
from shared.store import Page, Parked, Picture


@dataclass(frozen=True)
class Errand:
    """One URL to ask for: the articles that wait for it, what is parked for it already, and what is known of it."""

    url: str
    article_ids: Collection[str]
    pieces: Sequence[Parked]
    known: Picture | Page | None

    @property
    def kept(self) -> Picture | None:
        return (
            self.known if isinstance(self.known, Picture) and self.known.state == "cached" else None
        )

    @property
    def validators(self) -> Validators:
        return Validators(self.kept.etag, self.kept.last_modified) if self.kept else NOTHING_KNOWN

    @property
    def failures(self) -> int:
        return self.known.failures if isinstance(self.known, Picture) else 0

    @property
    def attempts(self) -> int:
        return min((piece.attempts for piece in self.pieces), default=0)


def split(errands: Iterable[Errand], at: datetime) -> tuple[list[Errand], list[Errand]]:
    """Those to make now, and those whose URL is parked for later."""
    due: list[Errand] = []
    early: list[Errand] = []
    for errand in errands:
        is_due = not errand.pieces or min(piece.due for piece in errand.pieces) <= at
        (due if is_due else early).append(errand)
    return due, early


def joining(errand: Errand) -> list[Parked]:
    """Who waits for a URL that is parked for others waits with them."""
    soonest = min(errand.pieces, key=lambda piece: piece.due)
    known = {piece.article_id for piece in errand.pieces}
    return [
        replace(soonest, article_id=one, claim="") for one in errand.article_ids if one not in known
    ]
