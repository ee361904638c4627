"""Writes the tables of `frequency.py` from the package `wordfreq`, which only this needs.

    python -m tools.word_frequencies

The same input gives the same bytes; `tables/SHA256SUMS` has their checksums, `tables/NOTICE.md` whose work they are.
"""

import gzip
import hashlib
import io
import math
from itertools import groupby

from wordfreq import get_frequency_dict

from services.enrichment.related.features.languages.frequency import COMMON_ZIPF, TABLES, path
from services.enrichment.related.features.languages.stemmers import STEMS


def main() -> None:
    for language in STEMS:
        path(language).write_bytes(_packed(_values(language)))
    sums = [
        f"{hashlib.sha256(path(one).read_bytes()).hexdigest()}  {path(one).name}\n" for one in STEMS
    ]
    (TABLES / "SHA256SUMS").write_text("".join(sums))


def _values(language: str) -> dict[str, int]:
    """Zipf value times 100 of each common stem: the frequencies of all words that have it together."""
    shares: dict[str, float] = {}
    for word, share in get_frequency_dict(language).items():
        for stem in set(STEMS[language](word)):
            shares[stem] = shares.get(stem, 0.0) + share
    values = {stem: round(100 * (math.log10(share) + 9)) for stem, share in shares.items()}
    return {stem: value for stem, value in values.items() if value >= 100 * COMMON_ZIPF}


def _packed(values: dict[str, int]) -> bytes:
    rows = groupby(sorted(values, key=lambda stem: (-values[stem], stem)), key=values.__getitem__)
    text = "".join(f"{value} {' '.join(stems)}\n" for value, stems in rows)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as file:
        file.write(text.encode())
    return packed.getvalue()


if __name__ == "__main__":
    main()
