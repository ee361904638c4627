"""Seeds dropped over HTTP, on a running broker."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import ConsumerRecord

from services.web.routes import build_app
from services.web.seeds.request_dropper import RequestDropper
from services.web.seeds.seed_server import SeedServer
from shared.broker.network.connection import open_reader
from shared.broker.network.partitions import list_partitions, read_end_offsets
from shared.budgets import MAX_SEED_BYTES
from shared.events.topics import SEEDS
from shared.runtime.http.http_server import serve_app
from shared.settings import Settings
from shared.store import Store, connect
from tests.conftest import Processes
from tests.integration.web.newsroom import make_seed

TOKEN = "a token for these tests"
GIVEN = {"Authorization": f"Bearer {TOKEN}"}
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@asynccontextmanager
async def serve_seeds(
    store: Store, settings: Settings, receipt_seconds: float = 60
) -> AsyncIterator[httpx.AsyncClient]:
    dropper = RequestDropper(settings, receipt_seconds)
    app = build_app(store, seeds=SeedServer(dropper, TOKEN))
    try:
        async with (
            serve_app(app, "127.0.0.1", 0) as port,
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}", headers=GIVEN, timeout=120
            ) as client,
        ):
            yield client
    finally:
        await dropper.close()


@pytest.fixture
async def store(processes: Processes) -> AsyncIterator[Store]:
    store = connect(processes.settings.store_url)
    await store.open()
    yield store
    await store.close()


async def read_seeds(settings: Settings) -> Sequence[ConsumerRecord[bytes, bytes]]:
    """Every record of the topic."""
    async with open_reader(settings) as reader:
        partitions = await list_partitions(settings, SEEDS)
        reader.assign(partitions)
        ends = await read_end_offsets(reader)
        for partition in partitions:
            reader.seek(partition, 0)
        records: list[ConsumerRecord[bytes, bytes]] = []
        while len(records) < sum(ends.values()):
            for batch in (await reader.getmany(timeout_ms=100)).values():
                records += batch
    return records


async def ask_until_answered(client: httpx.AsyncClient, url: str) -> httpx.Response:
    while True:
        response = await client.get(url)
        if response.status_code != 202:
            return response
        await asyncio.sleep(0.1)


async def test_a_seed_is_answered_with_its_receipt(processes: Processes, store: Store):
    processes.start("services.ingest")
    name = f"receipt-{id(store)}"
    seed = make_seed(name)
    async with serve_seeds(store, processes.settings) as client:
        traced = {"traceparent": TRACEPARENT}
        accepted = await client.post("/seeds", content=seed, headers=traced)
        assert accepted.status_code == 201, accepted.text
        receipt = accepted.json()
        assert receipt["status"] == "accepted"
        assert accepted.headers["location"] == f"/articles/{receipt['articleId']}"
        again = await client.post("/seeds", content=seed)
        assert (again.status_code, again.json()["status"]) == (200, "unchanged")
        assert again.json()["articleId"] == receipt["articleId"]
        broken = seed.replace(b"publishedDateTime: ", b"publishedDateTime: x")
        rejected = await client.post("/seeds", content=broken)
        assert (rejected.status_code, rejected.json()["title"]) == (422, "Rejected")
        (error,) = rejected.json()["errors"]
        assert (error["field"], error["line"]) == ("publishedDateTime", 7)
        assert await store.rejected.get(rejected.json()["case"]) is not None
        many = [client.post("/seeds", content=make_seed(f"{name}-{n}")) for n in range(20)]
        statuses = [response.status_code for response in await asyncio.gather(*many)]
        assert statuses == [201] * 20
    records = [each for each in await read_seeds(processes.settings) if each.value == seed]
    assert len(records) == 2
    assert records[0].key == f"tide.example/{name}".encode()
    headers = dict(records[0].headers)
    assert headers == {"path": b"POST /seeds", "traceparent": TRACEPARENT.encode()}


async def test_a_receipt_that_comes_late_can_be_asked_for(processes: Processes, store: Store):
    async with serve_seeds(store, processes.settings, receipt_seconds=0.2) as client:
        seed = make_seed(f"late-{id(store)}")
        response = await client.post("/seeds", content=seed)
        assert (response.status_code, response.json()["status"]) == (202, "sent")
        where = response.headers["location"]
        assert (await client.get(where)).status_code == 202
        processes.start("services.ingest")
        response = await ask_until_answered(client, where)
        assert (response.status_code, response.json()["status"]) == (201, "accepted")
        for unknown in ("/receipts/0-999999", "/receipts/x"):
            assert (await client.get(unknown)).status_code == 404


async def test_a_stranger_is_refused_and_sends_nothing(processes: Processes, store: Store):
    async with serve_seeds(store, processes.settings) as client:
        for given in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer \xe9"):
            headers = {"Authorization": given.encode("latin-1")}
            for response in (
                await client.post("/seeds", content=b"x", headers=headers),
                await client.get("/receipts/0-0", headers=headers),
            ):
                assert response.status_code == 401, given
                assert response.headers["www-authenticate"].startswith("Bearer")
                assert TOKEN not in response.text


async def test_a_seed_that_is_too_large_is_refused(processes: Processes, store: Store):
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(MAX_SEED_BYTES // 65_536 + 1):
            yield b"x" * 65_536

    async with serve_seeds(store, processes.settings) as client:
        for content in (b"x" * (MAX_SEED_BYTES + 1), stream()):
            response: Any = await client.post("/seeds", content=content)
            assert response.status_code == 413
            assert f"{MAX_SEED_BYTES:,}" in response.json()["detail"]


async def test_without_kafka_a_seed_is_refused_for_now_and_articles_are_served(
    store: Store, processes: Processes
):
    settings = processes.settings.model_copy(update={"kafka": "127.0.0.1:1"})
    async with serve_seeds(store, settings) as client:
        response = await client.post("/seeds", content=make_seed("x"))
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0
        assert (await client.get("/api/news")).status_code == 200


async def test_without_a_token_there_is_no_such_path(store: Store):
    async with (
        serve_app(build_app(store), "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        assert (await client.post("/seeds", content=b"x", headers=GIVEN)).status_code == 404
        assert "/seeds" not in (await client.get("/openapi.json")).json()["paths"]


async def find_url(store: Store) -> str:
    """Where the service's heartbeat says that it serves."""
    async with asyncio.timeout(120):
        while True:
            for heartbeat in await store.workers.list_heartbeats():
                if heartbeat.service == "web" and heartbeat.state == "working":
                    return heartbeat.note
            await asyncio.sleep(0.05)


async def test_the_process_takes_seeds_if_it_has_a_token(
    processes: Processes, store: Store, tmp_path: Path
):
    token_file = tmp_path / "token"
    token_file.write_text(f"{TOKEN}\n")
    settings = {"SEEDWIRE_WEB_PORT": "0", "SEEDWIRE_WEB_TOKEN_FILE": str(token_file)}
    processes.start("services.ingest")
    web = processes.start("services.web", **settings)
    async with httpx.AsyncClient(
        base_url=await find_url(store), headers=GIVEN, timeout=120
    ) as client:
        seed = make_seed(f"process-{id(store)}")
        response = await client.post("/seeds", content=seed)
        assert (response.status_code, response.json()["status"]) == (201, "accepted")
        assert (await client.get(response.headers["location"])).status_code == 404  # undecided
        assert (await client.get("/api/news")).json()["value"] == []
    web.terminate()
    assert await asyncio.to_thread(web.wait, 60) == 0
