"""A raw server on loopback that answers as it is told, and counts who connects."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """`answers` by path; a path that is not there gets 404."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | Script] = {}
        self.connections = 0
        self.asked: list[str] = []
        self.address = "127.0.0.1"
        self.port = 0
        self.scheme = "http"
        self._writers: list[asyncio.StreamWriter] = []

    def url(self, path: str, host: str = "") -> str:
        return f"{self.scheme}://{host or self.address}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ")[1].decode()
            self.asked.append(head.decode())
            answer = self.answers.get(path, answered(404))
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()

    async def hang_up(self) -> None:
        """On whoever is still connected: a script may go on for ever."""
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(
            *(writer.wait_closed() for writer in self._writers), return_exceptions=True
        )


@asynccontextmanager
async def server(
    address: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    made = Server()
    listening = await asyncio.start_server(made.serve, address, 0, ssl=tls)
    made.address, made.port = listening.sockets[0].getsockname()[:2]
    made.scheme = "https" if tls else "http"
    try:
        yield made
    finally:
        listening.close()
        await made.hang_up()


@asynccontextmanager
async def listener(*addresses: str) -> AsyncIterator[Server]:
    """One that listens at all *addresses*, on one port."""
    made = Server()
    listening = await _listening(made, addresses)
    try:
        yield made
    finally:
        for one in listening:
            one.close()
        await made.hang_up()


async def _listening(made: Server, addresses: tuple[str, ...]) -> list[asyncio.Server]:
    while True:
        first = await asyncio.start_server(made.serve, addresses[0], 0)
        made.port = first.sockets[0].getsockname()[1]
        listening = [first]
        try:
            for address in addresses[1:]:
                listening.append(await asyncio.start_server(made.serve, address, made.port))
        except OSError as error:
            for one in listening:
                one.close()
            if error.errno != 98:  # in use at one of the others: another port
                raise
        else:
            return listening


@contextlib.contextmanager
def deaf(address: str):
    """A listener whose queue is full: whoever else connects hears nothing."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind((address, 0))
        listening.listen(0)
        for _ in range(4):
            filling = stack.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def answered(status: int, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """A whole answer; *length* may lie."""
    lines = [
        f"HTTP/1.1 {status} Whatever",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def drip(seconds: float) -> Script:
    """One byte at a time, with a pause before each."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(seconds)

    return answer


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def half_a_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Ty")
    await reader.read()


def endless(head: bytes, piece: bytes) -> Script:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()

    return answer


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    await writer.drain()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """RST in the middle of the body."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    await writer.drain()
    await asyncio.sleep(0.05)  # let it arrive before the reset overtakes it
    writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    writer.transport.abort()
