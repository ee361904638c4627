"""Which aliases each drop of a batch claims.

A drop claims its own URLs and its twins. If one of its URLs ends in `/amp`, the page without it is
claimed, too, but only where that page is known: it is stored, or an earlier drop of the batch named
it. A drop whose own URLs are known needs no such help, and gets none: delivered again, it is
answered as before, whatever has become known meanwhile.
"""

from collections.abc import Sequence

from services.ingest.seed_record import ValidDrop
from shared.article import (
    collect_aliases,
    derive_article_id,
    list_amp_origins,
    list_urls,
    primary_alias,
)
from shared.store import AliasClaim, Store


async def build_claims(drops: Sequence[ValidDrop], store: Store) -> list[AliasClaim]:
    """The claim of each drop, in their order. Asks the store only if a URL ends in `/amp`."""
    questions: set[str] = set()
    for drop in drops:
        if origins := list_amp_origins(drop.article):
            questions.update(origins, list_urls(drop.article))
    known: set[str] = set()
    if questions:
        known.update(await store.articles.resolve_aliases(questions))
    return [_build_claim(drop, known) for drop in drops]


def _build_claim(drop: ValidDrop, known: set[str]) -> AliasClaim:
    """The claim of a drop; its aliases are added to those that are *known*."""
    urls = list_urls(drop.article)
    aliases = collect_aliases(drop.article)
    if known.isdisjoint(urls):
        origins = [url for url in list_amp_origins(drop.article) if url in known]
        twins = aliases[len(urls) :]
        aliases = (*urls, *origins, *twins)
    known.update(aliases)
    return AliasClaim(derive_article_id(primary_alias(drop.article)), aliases)
