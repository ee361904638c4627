"""A TCP proxy between services and an engine, that can be slow, silent, cut or rude."""

import asyncio
import contextlib
import socket
import struct
from typing import Literal

Mood = Literal["well", "slow", "silent", "cut"]


class Proxy:
    """Listens on a loopback port of its own and passes bytes on to *upstream*, which may be set later.

    *mood*: `well`; `slow`: each piece of data waits for *latency* seconds; `silent` (half open): accepts, passes
    nothing on, and says nothing; `cut`: connections end and new ones are refused at once. `reset` ends all with an RST.
    """

    def __init__(self) -> None:
        self.upstream = 0  # port on loopback
        self.mood: Mood = "well"
        self.latency = 0.2  # seconds
        self._open: set[asyncio.StreamWriter] = set()
        self._heal = asyncio.Event()
        self._heal.set()

    async def __aenter__(self) -> "Proxy":
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

    def be(self, mood: Mood) -> None:
        self.mood = mood
        self._heal.clear()
        if mood == "cut":
            self.reset()

    def heal(self) -> None:
        self.mood = "well"
        self._heal.set()

    def reset(self) -> None:
        """End every connection with an RST, as a machine that crashed and came back."""
        for writer in self._open:
            raw = writer.get_extra_info("socket")
            if raw is not None:
                with contextlib.suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        self._open.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mood == "cut":
            writer.transport.abort()
            return
        self._open.add(writer)
        try:
            await self._wait_while_silent()
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.transport.abort()
            return
        self._open.add(up_writer)
        try:
            await asyncio.gather(self._pass(reader, up_writer), self._pass(up_reader, writer))
        except asyncio.CancelledError:
            return  # the loop ends: nothing is left to pass on
        finally:
            self._open -= {writer, up_writer}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._wait_while_silent()
                if self.mood == "slow":
                    await asyncio.sleep(self.latency)
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _wait_while_silent(self) -> None:
        if self.mood == "silent":
            await self._heal.wait()
