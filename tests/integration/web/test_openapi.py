"""The document of the API, and whether web does what it says."""

import asyncio
import sys
from pathlib import Path

import httpx
import pytest

from services.web.news.response_models import ServedArticle
from services.web.routes import build_app
from services.web.seeds.request_dropper import RequestDropper
from services.web.seeds.seed_server import SeedServer
from shared.runtime.http.http_server import serve_app
from shared.store import Store
from tests.conftest import Processes
from tests.integration.web.newsroom import make_seed, publish

TOKEN = "a token for these tests"
EXAMPLES = "6"  # requests of each kind


@pytest.fixture
async def newsroom(store: Store) -> None:
    await publish(store, {"a1": make_seed("harbour"), "b1": make_seed("strike", topics=["TCP/IP"])})


async def test_the_document_names_every_path_and_the_fields_of_articles(client: httpx.AsyncClient):
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    assert {"/api/news", "/articles/{id}", "/stories/{id}", "/feeds/atom.xml"} <= set(
        document["paths"]
    )
    article = document["components"]["schemas"]["ServedArticle"]["properties"]
    assert article.keys() == {
        info.alias or name for name, info in ServedArticle.model_fields.items()
    }


@pytest.mark.slow
@pytest.mark.embedded
@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("newsroom")
async def test_requests_made_from_the_document_get_the_answers_that_it_promises(
    store: Store, processes: Processes, tmp_path: Path
):
    dropper = RequestDropper(processes.settings, receipt_seconds=0.05)
    app = build_app(store, seeds=SeedServer(dropper, TOKEN))
    async with serve_app(app, "127.0.0.1", 0) as port:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            f"http://127.0.0.1:{port}/openapi.json",
            "--checks=all",
            f"--max-examples={EXAMPLES}",
            "--seed=1",
            "--no-color",
            f"--header=Authorization: Bearer {TOKEN}",
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    await dropper.close()
    assert process.returncode == 0, output.decode()
