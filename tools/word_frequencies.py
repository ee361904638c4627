"""Makes the frequency tables of the languages other than English: `python -m
tools.word_frequencies`.

Needs the extra `vectors` (wordfreq). The same input gives the same bytes. `tables/SHA256SUMS` has
the checksums, and `tables/NOTICE.md` says whose work the tables are.
"""

import argparse
import gzip
import hashlib
import io
import math
import sys
from collections.abc import Mapping
from pathlib import Path

from services.enrichment.related.features.languages.frequency import (
    COMMON_ZIPF,
    TABLES,
    table_path,
)
from services.enrichment.related.features.languages.stemmers import STEMMERS


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.word_frequencies",
        description="Make the frequency tables of the languages other than English.",
    )
    parser.add_argument("--out", type=Path, default=TABLES, help="folder for the tables")
    options = parser.parse_args()
    checksums: list[str] = []
    for language in STEMMERS:
        content = build_table(sum_by_stem(language))
        name = table_path(language).name
        (options.out / name).write_bytes(content)
        checksums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
    (options.out / "SHA256SUMS").write_text("".join(checksums))
    print(f"{len(checksums)} tables, {options.out}")
    return 0


def sum_by_stem(language: str) -> dict[str, int]:
    """The Zipf value times 100 of each common stem: of all words with that stem together."""
    from wordfreq import get_frequency_dict  # only needed here: the extra `vectors`

    shares: dict[str, float] = {}
    for word, share in get_frequency_dict(language).items():
        for stem in set(STEMMERS[language](word)):
            shares[stem] = shares.get(stem, 0.0) + share
    values = {stem: round(100 * (math.log10(share) + 9)) for stem, share in shares.items()}
    return {stem: value for stem, value in values.items() if value >= 100 * COMMON_ZIPF}


def build_table(values: Mapping[str, int]) -> bytes:
    """Compressed lines of a value and its stems, the most common first."""
    stems_by_value: dict[int, list[str]] = {}
    for stem in sorted(values, key=lambda stem: (-values[stem], stem)):
        stems_by_value.setdefault(values[stem], []).append(stem)
    text = "".join(f"{value} {' '.join(stems)}\n" for value, stems in stems_by_value.items())
    compressed = io.BytesIO()
    with gzip.GzipFile(fileobj=compressed, mode="wb", mtime=0, filename="") as file:
        file.write(text.encode())
    return compressed.getvalue()


if __name__ == "__main__":
    sys.exit(main())
