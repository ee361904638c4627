"""A SQLite store for what is linked in this process."""

from pathlib import Path

import pytest

from shared.store import connect


@pytest.fixture
async def store(tmp_path: Path):
    store = connect(f"sqlite:///{tmp_path / 'seedwire.db'}?synchronous=normal")
    await store.open()
    yield store
    await store.close()
