"""The gateway's server: accepts clients on loopback, and keeps their groups."""

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import Final, Self

from deploy.embedded.gateway.connections.broker_connection import BrokerConnection
from deploy.embedded.gateway.connections.client_connection import serve_client
from deploy.embedded.gateway.connections.client_requests import ClientRequests
from deploy.embedded.gateway.groups.coordinator import Coordinator
from deploy.embedded.gateway.records.arrivals import Arrivals
from deploy.embedded.gateway.session import Address, Session
from deploy.embedded.ports import LOOPBACK

# Programs that connect to `localhost` may mean either.
_LOOPBACK_6: Final = "::1"


class Gateway:
    """Runs while its `async with` block does."""

    def __init__(
        self, broker: tuple[str, int], port: int, advertised: Address | None = None
    ) -> None:
        """*advertised* is where clients are sent, if it is another address: a proxy's."""
        self._broker = broker
        self._port = port
        self._advertised = advertised or Address(LOOPBACK, port)
        self._coordinator = Coordinator()
        self._arrivals = Arrivals()
        self._stack = AsyncExitStack()
        self._clients: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Raises OSError if the port is taken."""
        async with AsyncExitStack() as stack:
            server = await asyncio.start_server(self._accept, LOOPBACK, self._port)
            stack.callback(server.close)
            with suppress(OSError):  # a machine without IPv6, or another program on that port
                second = await asyncio.start_server(self._accept, _LOOPBACK_6, self._port)
                stack.callback(second.close)
            clock = asyncio.create_task(self._coordinator.run())
            stack.callback(clock.cancel)
            stack.callback(self._close_clients)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    def _close_clients(self) -> None:
        for client in self._clients:
            client.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            async with BrokerConnection(*self._broker) as broker:
                await serve_client(writer, self._open_session(ClientRequests(reader), broker))
        except asyncio.CancelledError:
            return  # the gateway stops; asyncio would report this task as failed
        finally:
            self._clients.discard(task)
            writer.close()

    def _open_session(self, requests: ClientRequests, broker: BrokerConnection) -> Session:
        return Session(requests, broker, self._coordinator, self._arrivals, self._advertised)
