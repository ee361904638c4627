"""Builds the signatures of a batch without blocking the event loop for long."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from services.enrichment.related.features.readers import Reader
from services.enrichment.related.features.sentence_model import SentenceModel
from services.enrichment.related.features.signature import build_signatures
from shared.store import Signature, StoredArticle

ARTICLES_PER_TURN: Final = 50  # between two turns of other tasks, heartbeats among them
# The model is most of what linking costs; in a backlog the other services end first, and a second
# core would be idle (docs/decisions/0060).
MODEL_THREADS: Final = 2


class SignatureBuilder:
    """Builds signatures whose directions are made by *reader*."""

    def __init__(self, reader: Reader) -> None:
        self._model = reader.model

    async def build(self, articles: Sequence[StoredArticle]) -> list[Signature]:
        """Build the signatures of *articles*, in order.

        The model takes milliseconds for each article and runs in threads.
        """
        signatures: list[Signature] = []
        for start in range(0, len(articles), ARTICLES_PER_TURN):
            batch = articles[start : start + ARTICLES_PER_TURN]
            built = build_signatures(batch, with_directions=self._model is None)
            if self._model is not None:
                built = await _add_embeddings(self._model, built, batch)
            signatures += built
            await asyncio.sleep(0)
        return signatures


async def _add_embeddings(
    model: SentenceModel, signatures: Sequence[Signature], articles: Sequence[StoredArticle]
) -> list[Signature]:
    """The signatures of *articles*, in order, with the directions that the model makes."""
    size = math.ceil(len(articles) / MODEL_THREADS)
    shares = [articles[start : start + size] for start in range(0, len(articles), size)]
    embedded = await asyncio.gather(*(asyncio.to_thread(_embed, model, each) for each in shares))
    directions = chain.from_iterable(embedded)
    return [
        replace(signature, direction=direction)
        for signature, direction in zip(signatures, directions, strict=True)
    ]


def _embed(model: SentenceModel, articles: Sequence[StoredArticle]) -> list[bytes]:
    return [model.embed(stored.article_without_related) for stored in articles]
