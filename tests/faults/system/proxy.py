"""A TCP proxy in front of an engine, which can slow down, hang, cut or reset connections."""

import asyncio
import contextlib
import socket
import struct
from typing import Literal

ProxyMode = Literal["well", "slow", "silent", "cut"]


class TcpProxy:
    """Listens on a loopback port of its own and forwards to *upstream*, which may be set later.

    Modes: `well` forwards everything; `slow` delays each piece of data by *latency* seconds;
    `silent` (half open) accepts connections but forwards nothing; `cut` ends all connections and
    refuses new ones at once. Independently of the mode, `reset` ends all connections with an RST.
    """

    def __init__(self) -> None:
        self.upstream = 0  # a port on loopback
        self.mode: ProxyMode = "well"
        self.latency = 0.2  # seconds
        self._writers: set[asyncio.StreamWriter] = set()
        self._healed = asyncio.Event()
        self._healed.set()

    async def __aenter__(self) -> "TcpProxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.reset()
        self.heal()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def set_mode(self, mode: ProxyMode) -> None:
        """Misbehave in this way until `heal` is called."""
        self.mode = mode
        self._healed.clear()
        if mode == "cut":
            self.reset()

    def heal(self) -> None:
        self.mode = "well"
        self._healed.set()

    def reset(self) -> None:
        """End every connection with an RST, like a machine that crashed and came back."""
        for writer in self._writers:
            raw = writer.get_extra_info("socket")
            if raw is not None:
                with contextlib.suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        self._writers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "cut":
            writer.transport.abort()
            return
        self._writers.add(writer)
        try:
            await self._wait_while_silent()
            upstream = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.transport.abort()
            return
        upstream_reader, upstream_writer = upstream
        self._writers.add(upstream_writer)
        try:
            await asyncio.gather(
                self._forward(reader, upstream_writer), self._forward(upstream_reader, writer)
            )
        except asyncio.CancelledError:
            return  # the event loop ends
        finally:
            self._writers -= {writer, upstream_writer}

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._wait_while_silent()
                if self.mode == "slow":
                    await asyncio.sleep(self.latency)
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _wait_while_silent(self) -> None:
        if self.mode == "silent":
            await self._healed.wait()
