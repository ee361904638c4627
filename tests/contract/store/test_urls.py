"""Which URLs name a store, and what is said of a wrong one."""

import socket
import time
from pathlib import Path

import pytest

from shared.errors import SettingsError, StoreUnavailable
from shared.store import connect


@pytest.mark.parametrize(
    "url", ["", "postgres://x/y", "seedwire.db", "sqlite:///", "mongodb://", "mongodb://:/?x=%"]
)
def test_a_url_that_names_no_store_is_refused(url: str):
    with pytest.raises(SettingsError, match="SEEDWIRE_STORE"):
        connect(url)


async def test_a_server_that_is_not_there_is_unavailable_in_bounded_time():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: refuses
        port = held.getsockname()[1]
        store = connect(f"mongodb://user:hunter2@127.0.0.1:{port}/x?serverSelectionTimeoutMS=300")
        started = time.monotonic()
        with pytest.raises(StoreUnavailable, match=f"127.0.0.1:{port}") as caught:
            await store.open()
    assert time.monotonic() - started < 25  # by itself the driver looks for 30 s
    assert "hunter2" not in str(caught.value)
    await store.close()


def test_an_address_for_people_has_no_password():
    store = connect("mongodb://user:hunter2@one:1,two:2/news?w=1")
    assert store.address == "mongodb://one:1,two:2/news"
    assert connect("mongodb://host").address == "mongodb://host:27017/seedwire"


async def test_a_file_that_is_not_a_database_is_named(tmp_path: Path):
    (tmp_path / "x.db").write_bytes(b"not a database, by any means" * 100)
    with pytest.raises(SettingsError, match=r"x\.db"):
        await connect(f"sqlite:///{tmp_path / 'x.db'}").open()


async def test_a_folder_that_cannot_be_created_makes_the_store_unavailable(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="file"):
        await connect(f"sqlite:///{tmp_path / 'file' / 'x.db'}").open()


async def test_a_store_that_was_not_opened_says_so(tmp_path: Path):
    for url in (f"sqlite:///{tmp_path / 'x.db'}", "mongodb://127.0.0.1:1/x"):
        with pytest.raises(StoreUnavailable, match="not open"):
            await connect(url).articles.get(["a1"])


async def test_opening_twice_does_no_harm(url: str):
    for _ in range(2):
        store = connect(url)
        await store.open()
        await store.close()
        await store.close()
