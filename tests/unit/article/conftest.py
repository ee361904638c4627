"""Real seeds for the tests of the article: not part of the project, so tests that need them skip without."""

import gzip
import json
import os
import tarfile
from pathlib import Path

import pytest

_BESIDE_THE_PROJECT = Path(__file__).parents[4] / "shared" / "data"


def _data(name: str) -> Path:
    path = Path(os.environ.get("SEEDWIRE_TEST_DATA", _BESIDE_THE_PROJECT)) / name
    if not path.exists():
        pytest.skip(f"real test data is absent ({name}): set SEEDWIRE_TEST_DATA to its folder")
    return path


@pytest.fixture(scope="session")
def mission_seed() -> bytes:
    return _data("seed-mission.md").read_bytes()


@pytest.fixture(scope="session")
def real_seeds() -> list[bytes]:
    with tarfile.open(_data("seeds-real.tar.gz")) as archive:
        files = [archive.extractfile(member) for member in archive if member.isfile()]
        return [file.read() for file in files if file]


@pytest.fixture(scope="session")
def drops() -> list[bytes]:
    """Every drop of the real seeds, in the order they happened."""
    with gzip.open(_data("seed-history.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return [json.loads(line)["seed"].encode() for line in lines]
