"""A wrong path leads on."""

from pathlib import Path

import httpx

from services.web.routes import build_app
from shared.store import connect


async def test_a_path_that_does_not_exist_says_what_there_is(tmp_path: Path):
    app = build_app(connect(f"sqlite:///{tmp_path}/seedwire.db"))
    paths = {route.path for route in app.routes}  # type: ignore[attr-defined]
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://web.example") as client:
        response = await client.get("/")
    assert response.status_code == 404
    detail = response.json()["detail"]
    assert detail.startswith("there is nothing at /; ")
    named = {word.strip(",;") for word in detail.split() if word.startswith("/")} - {"/"}
    assert "/openapi.json" in named
    assert named - paths == {"/contract/"}  # it has a route with a parameter
