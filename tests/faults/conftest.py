"""A broker for each test: what a test breaks must not affect other tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import start_kafka


@pytest.fixture
def kafka(on_real_engines: bool, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of a new broker."""
    with start_kafka(on_real_engines, tmp_path / "kafka") as settings:
        yield settings
