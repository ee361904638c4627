"""A connection to the embedded broker."""

import asyncio
from typing import Any, Self

from deploy.embedded.gateway.protocol.codec import decode_response, encode_request
from deploy.embedded.gateway.protocol.frames import read_frame, write_frame


class BrokerGone(Exception):
    """The broker has closed the connection. Consequence: the client's is closed too."""


class BrokerConnection:
    """Sends one request at a time and waits for its response. Opens with the first request."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._streams is not None:
            self._streams[1].close()

    async def send(self, frame: bytes) -> None:
        """Send a request that gets no response. Raises OSError."""
        _, writer = await self._open()
        await write_frame(writer, frame)

    async def exchange(self, frame: bytes) -> bytes:
        """The response to a request, as the broker sent it. Raises BrokerGone or OSError."""
        reader, writer = await self._open()
        await write_frame(writer, frame)
        response = await read_frame(reader)
        if response is None:
            raise BrokerGone("the broker closed the connection instead of answering")
        return response

    async def ask(self, api: int, version: int, values: object) -> Any:
        """The response to a request of ours. Raises BrokerGone or OSError."""
        return decode_response(
            api, version, await self.exchange(encode_request(api, version, values))
        )

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
        return self._streams
