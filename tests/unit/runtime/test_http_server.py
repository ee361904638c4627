"""The HTTP server that runs beside a process's other work."""

import socket

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shared.errors import SettingsError
from shared.runtime.http.http_server import serve_app, serve_app_nearby


async def say_hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


@pytest.fixture
def app() -> Starlette:
    return Starlette(routes=[Route("/hello", say_hello)])


async def test_the_app_is_served_while_the_block_runs_and_not_after(app: Starlette):
    async with serve_app(app, "127.0.0.1", 0) as port, httpx.AsyncClient() as client:
        response = await client.get(f"http://127.0.0.1:{port}/hello")
        assert response.text == "hello"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1).close()


async def test_a_taken_port_is_a_wrong_setting(app: Starlette):
    async with serve_app(app, "127.0.0.1", 0) as port:
        with pytest.raises(SettingsError, match="cannot listen at"):
            async with serve_app(app, "127.0.0.1", port):
                pass


async def test_a_taken_port_that_nobody_chose_makes_room_for_a_free_one(app: Starlette):
    async with serve_app(app, "127.0.0.1", 0) as taken:
        nearby = serve_app_nearby(app, "127.0.0.1", taken, is_port_chosen=False)
        async with nearby as port, httpx.AsyncClient() as client:
            assert port != taken
            response = await client.get(f"http://127.0.0.1:{port}/hello")
            assert response.text == "hello"


async def test_a_taken_port_that_was_chosen_is_a_wrong_setting(app: Starlette):
    async with serve_app(app, "127.0.0.1", 0) as taken:
        with pytest.raises(SettingsError, match="cannot listen at"):
            async with serve_app_nearby(app, "127.0.0.1", taken, is_port_chosen=True):
                pass
