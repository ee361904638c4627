"""A broker of its own for each end-to-end test: it counts all there is in the topics."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import start_kafka


@pytest.fixture
def kafka(on_real_engines: bool, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of a new broker."""
    with start_kafka(on_real_engines, tmp_path / "kafka") as settings:
        yield settings


@pytest.fixture
def engines(on_real_engines: bool, request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings for `seedwire up`: it starts engines itself, or uses a new broker and store."""
    if not on_real_engines:
        return {}
    return {
        **request.getfixturevalue("kafka"),
        "SEEDWIRE_STORE": request.getfixturevalue("new_store"),
    }
