"""Serving HTTP from a process that does other work too: one small server on the same event loop."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from shared.errors import SettingsError

GRACE_SECONDS: Final = 2  # for open responses when the process stops
DATE_SECONDS: Final = 1.0  # the header counts seconds


class _Server(uvicorn.Server):
    """Leaves signals to the process, and looks at the clock no more often than it has to."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Let `serve` finish the open responses and return."""
        self.should_exit = True
        self._stopping.set()

    async def main_loop(self) -> None:
        """Renew the date in the headers every second until stopped.

        uvicorn's own loop asks ten times a second whether it should stop.
        """
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), DATE_SECONDS)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serve_app(
    app: ASGIApp, host: str, port: int, *, heeds_proxy: bool = True
) -> AsyncIterator[int]:
    """Serve *app* while the block runs; yields the port, which the system chooses if *port* is 0.

    Unless *heeds_proxy*, the app sees who really connected, whatever a proxy on this machine says.

    Raises SettingsError when the address is not available.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        lifespan="off",
        access_log=False,
        log_config=None,
        proxy_headers=heeds_proxy,
        log_level=logging.WARNING,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config)
    listener = _open_listener(host, port)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.stop()
        await task
        listener.close()


@contextlib.asynccontextmanager
async def serve_app_nearby(
    app: ASGIApp, host: str, port: int, *, is_port_chosen: bool, heeds_proxy: bool = True
) -> AsyncIterator[int]:
    """Like `serve_app`; if *port* is taken and nobody chose it, at a free one."""
    async with contextlib.AsyncExitStack() as stack:
        try:
            server = serve_app(app, host, port, heeds_proxy=heeds_proxy)
            actual = await stack.enter_async_context(server)
        except SettingsError:
            if is_port_chosen:
                raise
            server = serve_app(app, host, 0, heeds_proxy=heeds_proxy)
            actual = await stack.enter_async_context(server)
        yield actual


def _open_listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family=family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # two processes may bind, only one may listen
    except OSError as error:
        listener.close()
        raise SettingsError(f"cannot listen at {host}:{port}: {error.strerror}") from error
    listener.setblocking(False)
    return listener
