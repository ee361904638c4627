"""Real seeds for tests: they lie outside the project, and tests that need them skip where they are absent."""

import gzip
import json
import os
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

DATA = Path(os.environ.get("SEEDWIRE_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))

_PICTURE = re.compile(r'(?m)^(  - url: )"https?://')


@dataclass(frozen=True)
class Drop:
    """One drop of the history of a real site, in its order."""

    at: int
    path: str
    seed: bytes


def real_seeds() -> dict[str, bytes]:
    """The 501 real seeds by file name."""
    with tarfile.open(_needed("seeds-real.tar.gz")) as archive:
        files = [member for member in archive.getmembers() if member.isfile()]
        return {Path(file.name).name: archive.extractfile(file).read() for file in files}  # type: ignore[union-attr]


def history() -> list[Drop]:
    """The 4,356 drops of those seeds."""
    with gzip.open(_needed("seed-history.jsonl.gz"), "rt") as lines:
        return [
            Drop(row["at"], row["path"], row["seed"].encode()) for row in map(json.loads, lines)
        ]


def with_pictures_at(host: str, seed: bytes) -> bytes:
    """The seed with its article pictures moved to *host*: theirs cannot be reached from a test machine."""
    return _PICTURE.sub(rf'\1"{host}/', seed.decode()).encode()


def _needed(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the real data is not here: {name} (SEEDWIRE_TEST_DATA names its folder)")
    return path
