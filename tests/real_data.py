"""Real seeds for tests. They are no part of the project: without them, tests skip."""

import gzip
import json
import os
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

DATA = Path(os.environ.get("SEEDWIRE_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))

_IMAGE_URL = re.compile(r'(?m)^(  - url: )"https?://')


@dataclass(frozen=True)
class HistoricDrop:
    """One drop in the history of a real site."""

    at: int
    path: str
    seed: bytes


def load_real_seeds() -> dict[str, bytes]:
    """The 501 real seeds, by file name."""
    with tarfile.open(_require("seeds-real.tar.gz")) as archive:
        files = [member for member in archive.getmembers() if member.isfile()]
        return {Path(file.name).name: archive.extractfile(file).read() for file in files}  # type: ignore[union-attr]


def load_azure_seeds() -> dict[str, bytes]:
    """The 2,974 real seeds of a site about Azure, by file name."""
    seeds: dict[str, bytes] = {}
    with tarfile.open(_require("seeds-azure.tar.gz")) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None:
                seeds[Path(member.name).name] = file.read()
    return seeds


def load_history() -> list[HistoricDrop]:
    """The 4,356 drops of those seeds, in order."""
    with gzip.open(_require("seed-history.jsonl.gz"), "rt") as lines:
        rows = [json.loads(line) for line in lines]
    return [HistoricDrop(row["at"], row["path"], row["seed"].encode()) for row in rows]


def move_images(host: str, seed: bytes) -> bytes:
    """The seed with its image URLs at *host*: a test machine cannot reach the real ones."""
    return _IMAGE_URL.sub(rf'\1"{host}/', seed.decode()).encode()


def _require(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the real data is missing: {name} (SEEDWIRE_TEST_DATA names its folder)")
    return path
