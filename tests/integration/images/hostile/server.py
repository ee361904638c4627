"""A raw server on loopback that responds as it is told, and counts who connects."""

import asyncio
import contextlib
import errno
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What the server does with a connection once the request's head has come."""

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Server:
    """*responses* by path; any other path gets a 404. *requests* are the heads that came."""

    def __init__(self) -> None:
        self.responses: dict[str, bytes | Script] = {}
        self.requests: list[str] = []
        self.connections = 0
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
            self.requests.append(head.decode())
            path = head.split(b" ")[1].decode()
            await _respond(self.responses.get(path, response(404)), reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()

    async def hang_up(self) -> None:
        """Close every connection that is still open: a script may go on for ever."""
        for writer in self._writers:
            writer.transport.abort()
        closing = [writer.wait_closed() for writer in self._writers]
        await asyncio.gather(*closing, return_exceptions=True)


async def _respond(
    scripted: bytes | Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    if isinstance(scripted, bytes):
        writer.write(scripted)
        await writer.drain()
    else:
        await scripted(reader, writer)


@asynccontextmanager
async def run_server(
    address: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    server = Server()
    listening = await asyncio.start_server(server.serve, address, 0, ssl=tls)
    server.address, server.port = listening.sockets[0].getsockname()[:2]
    server.scheme = "https" if tls else "http"
    try:
        yield server
    finally:
        listening.close()
        await server.hang_up()


@asynccontextmanager
async def run_server_at(*addresses: str) -> AsyncIterator[Server]:
    """One that listens at all *addresses*, on one port."""
    server = Server()
    listeners = await _listen_at(addresses, server)
    try:
        yield server
    finally:
        for listener in listeners:
            listener.close()
        await server.hang_up()


async def _listen_at(addresses: tuple[str, ...], server: Server) -> list[asyncio.Server]:
    while True:
        first = await asyncio.start_server(server.serve, addresses[0], 0)
        server.port = first.sockets[0].getsockname()[1]
        listeners = [first]
        try:
            for address in addresses[1:]:
                listeners.append(await asyncio.start_server(server.serve, address, server.port))
        except OSError as error:
            for listener in listeners:
                listener.close()
            if error.errno != errno.EADDRINUSE:  # then another port may be free at all of them
                raise
        else:
            return listeners


@contextlib.contextmanager
def unresponsive_host(address: str) -> Iterator[int]:
    """A listener whose queue is full: who else connects hears nothing. Yields its port."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((address, 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def response(status: int, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """A whole response. *length* may lie."""
    lines = [
        f"HTTP/1.1 {status} Whatever",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    return response(status, b"", f"Location: {location}")


def chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


def drip(seconds: float) -> Script:
    """One byte at a time, with a pause after each."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(seconds)

    return script


def endless(head: bytes, piece: bytes) -> Script:
    """The head, then the piece for ever."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()

    return script


def head_only(head: bytes) -> Script:
    """The head; the body never comes."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        await reader.read()

    return script


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def half_a_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Ty")
    await reader.read()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close the connection in mid-body."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    await writer.drain()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """RST in mid-body."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    await writer.drain()
    await asyncio.sleep(0.05)  # let it arrive before the reset overtakes it
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
