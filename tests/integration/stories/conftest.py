"""A store of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.store import Store, connect


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = connect(f"sqlite:///{tmp_path / 'seedwire.db'}?synchronous=normal")
    await opened.open()
    yield opened
    await opened.close()
