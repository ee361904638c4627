"""Builds the signatures of a batch without blocking the event loop for long."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from services.enrichment.related.features.readers import Reader
from services.enrichment.related.features.sentence_model import SentenceModel
from services.enrichment.related.features.signature import build_signatures
from shared.store import Signature, StoredArticle

ARTICLES_PER_TURN: Final = 50  # between two turns of other tasks, heartbeats among them


class SignatureBuilder:
    """Builds signatures whose directions are made by *reader*."""

    def __init__(self, reader: Reader) -> None:
        self._model = reader.model

    async def build(self, articles: Sequence[StoredArticle]) -> list[Signature]:
        """Build the signatures of *articles*, in order.

        The model takes milliseconds for each article and runs in a thread.
        """
        signatures: list[Signature] = []
        for start in range(0, len(articles), ARTICLES_PER_TURN):
            batch = articles[start : start + ARTICLES_PER_TURN]
            built = build_signatures(batch, with_directions=self._model is None)
            if self._model is not None:
                built = await asyncio.to_thread(_add_embeddings, self._model, built, batch)
            signatures += built
            await asyncio.sleep(0)
        return signatures


def _add_embeddings(
    model: SentenceModel, signatures: Sequence[Signature], articles: Sequence[StoredArticle]
) -> list[Signature]:
    embedded: list[Signature] = []
    for signature, stored in zip(signatures, articles, strict=True):
        embedded.append(replace(signature, direction=model.embed(stored.article)))
    return embedded
