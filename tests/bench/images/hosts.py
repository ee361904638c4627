"""Many well-behaved hosts on loopback, in one process: each serves pictures after a delay.

`python -m tests.bench.images.hosts SECONDS HOSTS` prints the port that all of them listen at, on
127.2.0.1 and the following addresses.
"""

import asyncio
import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

import uvloop
from PIL import Image

NETWORK = "127.2.0.0/16"
HOSTS = 64  # that the benchmarks ask: as many as pictures are in flight


def small_jpeg() -> bytes:
    """1 KB: what is measured is the way to it."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 90, 20)).save(buffer, "JPEG")
    return buffer.getvalue()


def large_jpeg() -> bytes:
    """Of the size that newsrooms have: 1200 x 675, 250 KB."""
    buffer = io.BytesIO()
    noise = Image.effect_noise((1200, 675), 60).convert("RGB")
    noise.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def host_address(number: int) -> str:
    return f"127.2.{number // 250}.{number % 250 + 1}"


class HostProtocol(asyncio.Protocol):
    """HTTP/1.1, with the small picture for every path, or the large one where the path says so."""

    def __init__(self, small: bytes, large: bytes, seconds: float) -> None:
        self._small = small
        self._large = large
        self._seconds = seconds
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            is_large = b"/large" in head.split(b"\r\n", 1)[0]
            response = self._large if is_large else self._small
            loop = asyncio.get_running_loop()
            loop.call_later(self._seconds, self._transport.write, response)


def build_response(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


async def serve(seconds: float, hosts: int) -> None:
    small, large = build_response(small_jpeg()), build_response(large_jpeg())
    loop = asyncio.get_running_loop()
    port = 0
    for number in range(hosts):
        server = await loop.create_server(
            lambda: HostProtocol(small, large, seconds), host_address(number), port, backlog=1024
        )
        port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    await asyncio.Event().wait()


@contextmanager
def run_hosts(seconds: float, count: int) -> Iterator[int]:
    """Yields their port."""
    command = [sys.executable, "-m", "tests.bench.images.hosts", str(seconds), str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        uvloop.run(serve(float(sys.argv[1]), int(sys.argv[2])))
