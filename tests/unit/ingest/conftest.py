"""Ingest on a new store for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.ingest.ingest_trial import IngestTrial, open_trial


@pytest.fixture
async def ingest(tmp_path: Path) -> AsyncIterator[IngestTrial]:
    async with open_trial(tmp_path) as trial:
        yield trial
