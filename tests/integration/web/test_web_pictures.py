"""Pictures over HTTP, from a real store."""

import asyncio
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.web.main import build
from services.web.picture_server import PictureServer
from shared.clock import now
from shared.runtime.http_server import serve_app
from shared.store import Content, Store, Thumbnail, connect, thumbnail_name

JPEG = b"\xff\xd8\xff" + bytes(range(256)) * 10
SHA = hashlib.sha256(JPEG).hexdigest()
SMALL, MIDDLE = b"small webp", b"a middling webp"
ROOT = Path(__file__).parents[3]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = connect(f"sqlite:///{tmp_path / 'seedwire.db'}")
    await opened.open()
    await opened.picture_bytes.put(SHA, JPEG)
    thumbnails = (Thumbnail(320, 180, len(SMALL)), Thumbnail(640, 360, len(MIDDLE)))
    for thumbnail, content in zip(thumbnails, (SMALL, MIDDLE), strict=True):
        await opened.picture_bytes.put(thumbnail_name(SHA, thumbnail.width), content)
    await opened.contents.save(
        Content(SHA, "image/jpeg", 1000, 562, 1, len(JPEG), "#102030", "LEHV", thumbnails, now())
    )
    yield opened
    await opened.close()


@pytest.fixture
async def client(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serve_app(build(PictureServer(store)), "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as made,
    ):
        yield made


async def test_a_picture_is_served_to_be_cached_for_ever(client: httpx.AsyncClient):
    answer = await client.get(f"/images/{SHA}")
    assert (answer.status_code, answer.content) == (200, JPEG)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("width", "content", "kind"),
    [
        (1, SMALL, "image/webp"),
        (320, SMALL, "image/webp"),
        (321, MIDDLE, "image/webp"),
        (641, JPEG, "image/jpeg"),
        (9999, JPEG, "image/jpeg"),
    ],
)
async def test_a_width_selects_the_narrowest_rendition_that_is_wide_enough(
    client: httpx.AsyncClient, width: int, content: bytes, kind: str
):
    answer = await client.get(f"/images/{SHA}?w={width}")
    assert (answer.content, answer.headers["content-type"]) == (content, kind)


async def test_a_matching_etag_is_answered_with_304(client: httpx.AsyncClient):
    first = await client.get(f"/images/{SHA}?w=320")
    tag = first.headers["etag"]
    for asked in (tag, f'"other", W/{tag}', "*"):
        again = await client.get(f"/images/{SHA}?w=320", headers={"If-None-Match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = await client.get(f"/images/{SHA}", headers={"If-None-Match": tag})
    assert other.status_code == 200


async def test_a_head_request_returns_the_length(client: httpx.AsyncClient):
    answer = await client.head(f"/images/{SHA}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(JPEG))


async def test_a_part_can_be_had(client: httpx.AsyncClient):
    answer = await client.get(f"/images/{SHA}", headers={"Range": "bytes=2-5"})
    assert (answer.status_code, answer.content) == (206, JPEG[2:6])
    assert answer.headers["content-range"] == f"bytes 2-5/{len(JPEG)}"
    outside = await client.get(f"/images/{SHA}", headers={"Range": "bytes=99999-"})
    assert (outside.status_code, outside.headers["content-range"]) == (416, f"bytes */{len(JPEG)}")
    changed = await client.get(
        f"/images/{SHA}", headers={"Range": "bytes=2-5", "If-Range": '"another"'}
    )
    assert (changed.status_code, changed.content) == (200, JPEG)


@pytest.mark.parametrize(
    "name", ["00" * 32, "x", SHA.upper(), f"{SHA}.320", "../seedwire.db", "%2e%2e%2fseedwire.db"]
)
async def test_an_unknown_picture_is_not_found(client: httpx.AsyncClient, name: str):
    answer = await client.get(f"/images/{name}")
    assert answer.status_code == 404
    assert b"SQLite" not in answer.content


@pytest.mark.parametrize("width", ["0", "-1", "x", "999999", "1e3"])
async def test_a_malformed_width_is_a_bad_request(client: httpx.AsyncClient, width: str):
    assert (await client.get(f"/images/{SHA}?w={width}")).status_code == 400


async def test_bytes_without_a_description_are_not_served(client: httpx.AsyncClient, store: Store):
    page = b"<script>alert(1)</script>"
    digest = hashlib.sha256(page).hexdigest()
    await store.picture_bytes.put(digest, page)
    assert (await client.get(f"/images/{digest}")).status_code == 404


async def test_changed_bytes_are_not_served(
    client: httpx.AsyncClient, store: Store, tmp_path: Path
):
    (tmp_path / "seedwire.db.pictures" / SHA[:2] / SHA).write_bytes(bytes(len(JPEG)))
    answer = await client.get(f"/images/{SHA}")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


async def test_the_original_stands_in_for_a_missing_thumbnail_for_a_minute(
    client: httpx.AsyncClient, tmp_path: Path
):
    (tmp_path / "seedwire.db.pictures" / SHA[:2] / f"{SHA}.320").unlink()
    answer = await client.get(f"/images/{SHA}?w=320")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (
        200,
        JPEG,
        "image/jpeg",
    )
    assert "immutable" not in answer.headers["cache-control"]


async def test_an_unavailable_store_is_answered_with_503(client: httpx.AsyncClient, store: Store):
    await store.close()
    answer = await client.get(f"/images/{SHA}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    await store.open()


async def test_readers_that_read_nothing_take_no_more_than_the_memory_budget(store: Store):
    large = os.urandom(8_000_000)  # more than a connection takes without being read
    digest = hashlib.sha256(large).hexdigest()
    await store.picture_bytes.put(digest, large)
    await store.contents.save(
        Content(digest, "image/png", 1, 1, 1, len(large), "#102030", "LEHV", (), now())
    )
    app = build(PictureServer(store, room=10_000_000, patience=0.2))
    async with (
        serve_app(app, "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        _, deaf = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        deaf.write(f"GET /images/{digest} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        while (busy := await client.get(f"/images/{digest}")).status_code == 200:
            pass  # it was asked before
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
        assert (await client.get(f"/images/{SHA}")).content == JPEG
        deaf.close()
        while (again := await client.get(f"/images/{digest}")).status_code == 503:
            pass  # it is not known yet that the reader is gone
        assert again.content == large


def start(tmp_path: Path, **settings: str) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "SEEDWIRE_HOME": str(tmp_path), **settings}
    return subprocess.Popen(
        [sys.executable, "-m", "services.web"], cwd=ROOT, env=environment, stderr=subprocess.PIPE
    )


async def address(store: Store) -> str:
    until = time.monotonic() + 60
    while not (said := [beat for beat in await store.workers.list_heartbeats() if beat.state == "working"]):
        assert time.monotonic() < until
        await asyncio.sleep(0.05)
    return said[0].note


async def test_the_process_reports_its_url_and_stops_in_order(store: Store, tmp_path: Path):
    process = start(tmp_path)
    try:
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{await address(store)}/images/{SHA}")).content == JPEG
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0
        (beat,) = await store.workers.list_heartbeats()
        assert (beat.service, beat.state, beat.lag) == ("web", "stopped", None)
    finally:
        process.kill()
        process.communicate()


def test_a_chosen_port_that_is_taken_is_a_wrong_setting(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start(tmp_path, SEEDWIRE_WEB_PORT=str(taken.getsockname()[1]))
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"cannot listen at" in said
