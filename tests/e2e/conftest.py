"""The command as a whole, with engines of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.console import Console


@pytest.fixture
def engines(on_real_engines: bool, request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings for `seedwire up`: it starts the engines itself, or uses a new broker and store."""
    if not on_real_engines:
        return {}
    return {
        **request.getfixturevalue("kafka"),
        "SEEDWIRE_STORE": request.getfixturevalue("store_url"),
    }


@pytest.fixture
def seedwire(engines: dict[str, str], tmp_path: Path) -> Iterator[Console]:
    """The command in a state directory of its own; everything is stopped after the test."""
    console = Console(tmp_path / "home", engines)
    yield console
    console("down")
