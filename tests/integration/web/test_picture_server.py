"""Pictures over HTTP, from a real store."""

import asyncio
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from services.web.picture_server import PictureServer
from services.web.routes import build_app
from shared.clock import now
from shared.runtime.http.http_server import serve_app
from shared.store import Content, Store, Thumbnail, connect, thumbnail_name
from tests.waiting import ANY_SECONDS

JPEG = b"\xff\xd8\xff" + bytes(range(256)) * 10
SHA256 = hashlib.sha256(JPEG).hexdigest()
SMALL, MIDDLE = b"small webp", b"a middling webp"
ROOT = Path(__file__).parents[3]


async def store_content(
    store: Store, body: bytes, media_type: str, thumbnails: tuple[Thumbnail, ...] = ()
) -> str:
    """Returns the SHA-256."""
    sha256 = hashlib.sha256(body).hexdigest()
    await store.picture_bytes.put(sha256, body)
    content = Content(
        sha256=sha256,
        media_type=media_type,
        width=1000,
        height=562,
        frames=1,
        size=len(body),
        colour="#102030",
        blurhash="LEHV",
        thumbnails=thumbnails,
        described_at=now(),
    )
    await store.contents.save(content)
    return sha256


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A store with one picture and two thumbnails."""
    store = connect(f"sqlite:///{tmp_path / 'seedwire.db'}")
    await store.open()
    thumbnails = (Thumbnail(320, 180, len(SMALL)), Thumbnail(640, 360, len(MIDDLE)))
    await store.picture_bytes.put(thumbnail_name(SHA256, 320), SMALL)
    await store.picture_bytes.put(thumbnail_name(SHA256, 640), MIDDLE)
    await store_content(store, JPEG, "image/jpeg", thumbnails)
    yield store
    await store.close()


@pytest.fixture
async def client(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    app = build_app(store)
    async with (
        serve_app(app, "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


def bytes_file(tmp_path: Path, name: str) -> Path:
    """Where the store has the bytes of that name."""
    return tmp_path / "seedwire.db.pictures" / name[:2] / name


async def test_a_picture_is_served_to_be_cached_for_ever(client: httpx.AsyncClient):
    response = await client.get(f"/images/{SHA256}")
    assert (response.status_code, response.content) == (200, JPEG)
    assert response.headers["content-type"] == "image/jpeg"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("width", "body", "media_type"),
    [
        (1, SMALL, "image/webp"),
        (320, SMALL, "image/webp"),
        (321, MIDDLE, "image/webp"),
        (641, JPEG, "image/jpeg"),
        (9999, JPEG, "image/jpeg"),
    ],
)
async def test_a_width_selects_the_narrowest_rendition_that_is_wide_enough(
    client: httpx.AsyncClient, width: int, body: bytes, media_type: str
):
    response = await client.get(f"/images/{SHA256}?w={width}")
    assert (response.content, response.headers["content-type"]) == (body, media_type)


async def test_a_matching_etag_is_answered_with_304(client: httpx.AsyncClient):
    url = f"/images/{SHA256}?w=320"
    etag = (await client.get(url)).headers["etag"]
    for if_none_match in (etag, f'"other", W/{etag}', "*"):
        response = await client.get(url, headers={"If-None-Match": if_none_match})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == etag
    other = await client.get(f"/images/{SHA256}", headers={"If-None-Match": etag})
    assert other.status_code == 200


async def test_a_head_request_returns_the_length(client: httpx.AsyncClient):
    response = await client.head(f"/images/{SHA256}")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == str(len(JPEG))


async def test_a_range_request_gets_the_whole_picture(client: httpx.AsyncClient):
    response = await client.get(f"/images/{SHA256}", headers={"Range": "bytes=2-5"})
    assert (response.status_code, response.content) == (200, JPEG)
    assert "accept-ranges" not in response.headers


@pytest.mark.parametrize(
    "name",
    ["00" * 32, "x", SHA256.upper(), f"{SHA256}.320", "../seedwire.db", "%2e%2e%2fseedwire.db"],
)
async def test_an_unknown_picture_is_not_found(client: httpx.AsyncClient, name: str):
    response = await client.get(f"/images/{name}")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == 404
    assert b"SQLite" not in response.content


@pytest.mark.parametrize("width", ["0", "-1", "x", "999999", "1e3"])
async def test_a_malformed_width_is_a_bad_request(client: httpx.AsyncClient, width: str):
    response = await client.get(f"/images/{SHA256}?w={width}")
    assert response.status_code == 400


async def test_bytes_without_a_description_are_not_served(client: httpx.AsyncClient, store: Store):
    page = b"<script>alert(1)</script>"
    sha256 = hashlib.sha256(page).hexdigest()
    await store.picture_bytes.put(sha256, page)
    assert (await client.get(f"/images/{sha256}")).status_code == 404


async def test_changed_bytes_are_not_served(client: httpx.AsyncClient, tmp_path: Path):
    bytes_file(tmp_path, SHA256).write_bytes(bytes(len(JPEG)))
    response = await client.get(f"/images/{SHA256}")
    assert (response.status_code, response.headers["cache-control"]) == (404, "no-store")


async def test_the_original_stands_in_for_a_missing_thumbnail_for_a_minute(
    client: httpx.AsyncClient, tmp_path: Path
):
    bytes_file(tmp_path, f"{SHA256}.320").unlink()
    response = await client.get(f"/images/{SHA256}?w=320")
    assert (response.status_code, response.content) == (200, JPEG)
    assert response.headers["content-type"] == "image/jpeg"
    assert response.headers["cache-control"] == "public, max-age=60"


async def test_an_unavailable_store_is_answered_with_503(client: httpx.AsyncClient, store: Store):
    await store.close()
    response = await client.get(f"/images/{SHA256}")
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    await store.open()


async def test_readers_that_read_nothing_take_no_more_than_the_memory_budget(store: Store):
    large = os.urandom(8_000_000)  # more than a connection buffers unread
    sha256 = await store_content(store, large, "image/png")
    app = build_app(store, PictureServer(store, memory=10_000_000, wait_seconds=0.2))
    async with (
        serve_app(app, "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=ANY_SECONDS) as client,
    ):
        _, idle_reader = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        idle_reader.write(f"GET /images/{sha256} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        # The first requests may still overtake the idle reader's.
        refused = await get_until(client, f"/images/{sha256}", 503)
        assert refused.headers["retry-after"] == "5"
        assert (await client.get(f"/images/{SHA256}")).content == JPEG
        idle_reader.close()
        # It takes a moment until the server notices.
        served = await get_until(client, f"/images/{sha256}", 200)
        assert served.content == large


async def get_until(client: httpx.AsyncClient, url: str, status: int) -> httpx.Response:
    while True:
        response = await client.get(url)
        if response.status_code == status:
            return response


@contextmanager
def run_web(tmp_path: Path, **settings: str) -> "Iterator[subprocess.Popen[bytes]]":
    environment = {**os.environ, "SEEDWIRE_HOME": str(tmp_path), **settings}
    command = [sys.executable, "-m", "services.web"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def wait_for_url(store: Store) -> str:
    """Where the service's heartbeat says that it serves pictures."""
    deadline = time.monotonic() + ANY_SECONDS
    while True:
        for heartbeat in await store.workers.list_heartbeats():
            if heartbeat.state == "working":
                return heartbeat.note
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_the_process_reports_its_url_and_stops_in_order(store: Store, tmp_path: Path):
    with run_web(tmp_path) as process:
        url = await wait_for_url(store)
        async with httpx.AsyncClient(timeout=ANY_SECONDS) as client:
            assert (await client.get(f"{url}/images/{SHA256}")).content == JPEG
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=ANY_SECONDS) == 0
        (heartbeat,) = await store.workers.list_heartbeats()
    assert (heartbeat.service, heartbeat.state) == ("web", "stopped")
    assert heartbeat.lag is None


def test_a_chosen_port_that_is_taken_is_a_wrong_setting(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with run_web(tmp_path, SEEDWIRE_WEB_PORT=port) as process:
            _, errors = process.communicate(timeout=ANY_SECONDS)
            assert process.returncode == 2
    assert b"cannot listen at" in errors
