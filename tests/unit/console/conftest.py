"""The fixture of tests that run commands over a store."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.console.newsroom import Newsroom


@pytest.fixture
def newsroom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Newsroom]:
    """Commands set up logging and tracebacks for their process; that is undone after the test."""
    store_url = f"sqlite:///{tmp_path / 'seedwire.db'}"
    monkeypatch.setenv("SEEDWIRE_HOME", str(tmp_path))
    monkeypatch.setenv("SEEDWIRE_STORE", store_url)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level
    yield Newsroom(store_url, capsys)
    root.handlers[:] = handlers
    root.setLevel(level)
