"""Real seeds. They are not part of the project: without them, tests that need them are skipped."""

import gzip
import json
import os
import tarfile
from pathlib import Path

import pytest

_DEFAULT_FOLDER = Path(__file__).parents[4] / "shared" / "data"


def _find_data(name: str) -> Path:
    path = Path(os.environ.get("SEEDWIRE_TEST_DATA", _DEFAULT_FOLDER)) / name
    if not path.exists():
        pytest.skip(f"real test data is absent ({name}): set SEEDWIRE_TEST_DATA to its folder")
    return path


@pytest.fixture(scope="session")
def mission_seed() -> bytes:
    return _find_data("seed-mission.md").read_bytes()


@pytest.fixture(scope="session")
def real_seeds() -> list[bytes]:
    with tarfile.open(_find_data("seeds-real.tar.gz")) as archive:
        files = [archive.extractfile(member) for member in archive if member.isfile()]
        return [file.read() for file in files if file]


@pytest.fixture(scope="session")
def drops() -> list[bytes]:
    """Every drop of the real seeds, in the order they happened."""
    with gzip.open(_find_data("seed-history.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return [json.loads(line)["seed"].encode() for line in lines]
