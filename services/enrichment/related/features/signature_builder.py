"""Builds the signatures of a batch without blocking the event loop for long."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from services.enrichment.related.features.sentence_embedding import SentenceModel
from services.enrichment.related.features.signature import build_signatures
from shared.store import Signature, StoredArticle

ARTICLES_PER_TURN: Final = 50  # between two turns of other tasks, heartbeats among them


class SignatureBuilder:
    """Adds embeddings if there is a *model*."""

    def __init__(self, model: SentenceModel | None) -> None:
        self._model = model

    async def build(self, articles: Sequence[StoredArticle]) -> list[Signature]:
        """Build the signatures of *articles*, in order.

        The model takes milliseconds for each article and runs in a thread.
        """
        signatures: list[Signature] = []
        for start in range(0, len(articles), ARTICLES_PER_TURN):
            signatures += build_signatures(articles[start : start + ARTICLES_PER_TURN])
            await asyncio.sleep(0)
        if self._model is None:
            return signatures
        return await self._add_embeddings(self._model, signatures, articles)

    async def _add_embeddings(
        self,
        model: SentenceModel,
        signatures: Sequence[Signature],
        articles: Sequence[StoredArticle],
    ) -> list[Signature]:
        embedded: list[Signature] = []
        for signature, stored in zip(signatures, articles, strict=True):
            embedding = await asyncio.to_thread(model.embed, stored.article)
            embedded.append(replace(signature, embedding=embedding))
        return embedded
