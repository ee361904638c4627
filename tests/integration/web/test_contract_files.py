"""The contract of the published topics, as files over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.web.routes import build_app
from shared.runtime.http.http_server import serve_app
from shared.store import Store


@pytest.fixture
async def client(store: Store, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    folder = tmp_path / "contract"
    (folder / "schemas").mkdir(parents=True)
    (folder / "index.html").write_text("<p>The contract</p>")
    (folder / "schemas" / "a.v1.json").write_text("{}")
    (folder / "__init__.py").write_text("secret = 1")
    (tmp_path / "outside.json").write_text("{}")
    async with (
        serve_app(build_app(store, contract=folder), "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


async def test_documents_are_served_with_their_types(client: httpx.AsyncClient):
    page = await client.get("/contract/")
    assert (page.text, page.headers["content-type"]) == (
        "<p>The contract</p>",
        "text/html; charset=utf-8",
    )
    schema = await client.get("/contract/schemas/a.v1.json")
    assert (schema.text, schema.headers["content-type"]) == ("{}", "application/json")
    again = await client.get(
        "/contract/schemas/a.v1.json", headers={"If-None-Match": schema.headers["etag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    ["schemas", "nothing.json", "__init__.py", "%2e%2e/outside.json", "a%00.json", "x" * 5000],
)
async def test_nothing_else_is(client: httpx.AsyncClient, path: str):
    assert (await client.get(f"/contract/{path}")).status_code == 404
