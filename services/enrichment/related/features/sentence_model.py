"""The sentence model: it reads an article and returns its embedding.

all-MiniLM-L6-v2 with weights of 8 bits, run by onnxruntime. It takes some 4 ms of CPU an article
and 60 MB of memory. It runs once for each version of an article, and the embedding is stored with
the signature: comparing two articles needs no model. `make model` installs it.
"""

import os
import sys
from pathlib import Path
from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import Float32Array
from services.enrichment.related.features.languages import ENGLISH, language_of
from shared.article import Article

MODEL_FILE: Final = "minilm.onnx"
TOKENIZER_FILE: Final = "tokenizer.json"
DEFAULT_FOLDER: Final = Path(sys.prefix) / "share" / "seedwire" / "sentence-model"
EMBEDDING_SCALE: Final = 0.3 / 127  # of one stored byte: components lie between -0.3 and 0.3
_MAX_TOKENS: Final = 128  # of a text; the rest is not read


class SentenceModel:
    """Threads may share it."""

    def __init__(self, folder: Path) -> None:
        # It would keep an id of this machine on disk, for telemetry that nobody asked for.
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        # Imported here: they take 25 MB, which a worker without the model does not need.
        from onnxruntime import InferenceSession, SessionOptions
        from tokenizers import Tokenizer

        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep the memory of the longest text
        self._session = InferenceSession(
            str(folder / MODEL_FILE), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MAX_TOKENS)

    def embed(self, article: Article) -> bytes:
        """The embedding of title and excerpt: 384 signed bytes, or none if the text is not English.

        The model learned English alone.
        """
        if language_of(article) != ENGLISH:
            return b""
        text = f"{article.title}. {article.excerpt}" if article.excerpt else article.title
        scaled = np.rint(self.embed_text(text) / np.float32(EMBEDDING_SCALE))
        return bytes(scaled.clip(-127, 127).astype(np.int8))

    def embed_text(self, text: str) -> Float32Array:
        """The embedding of any text, of length 1.

        The model reads one text at a time: so the result depends on no other text.
        """
        ids = np.array([self._tokenizer.encode(text).ids], np.int64)
        (embedding,) = self._session.run(None, {"ids": ids})
        return np.asarray(embedding, np.float32)


def is_installed(folder: Path) -> bool:
    """Whether *folder* has the model, with its tokenizer."""
    return (folder / MODEL_FILE).is_file() and (folder / TOKENIZER_FILE).is_file()
