"""Many well-meaning hosts on loopback, in one process of their own: each answers with a picture after a while.

`python -m tests.bench.images.hosts SECONDS HOSTS` prints the port that all of them listen at, 127.2.0.1 and on.
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
HOSTS = 64  # that the benchmarks ask, as many as pictures are in flight


def small() -> bytes:
    """A JPEG of 1 KB: what is measured is the way to it."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 90, 20)).save(buffer, "JPEG")
    return buffer.getvalue()


def large() -> bytes:
    """A JPEG as newsrooms have them: 1200 x 675, 250 KB."""
    buffer = io.BytesIO()
    Image.effect_noise((1200, 675), 60).convert("RGB").save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def address(number: int) -> str:
    return f"127.2.{number // 250}.{number % 250 + 1}"


class Host(asyncio.Protocol):
    """HTTP/1.1, one answer for whatever is asked."""

    def __init__(self, answers: tuple[bytes, bytes], seconds: float) -> None:
        self._answers = answers
        self._seconds = seconds
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._head += data
        while b"\r\n\r\n" in self._head:
            head, _, self._head = self._head.partition(b"\r\n\r\n")
            answer = self._answers[b"/large" in head.split(b"\r\n", 1)[0]]
            asyncio.get_running_loop().call_later(self._seconds, self._transport.write, answer)


def answer(body: bytes) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(body)
        + body
    )


async def serve(seconds: float, hosts: int) -> None:
    answers = answer(small()), answer(large())
    loop = asyncio.get_running_loop()
    port = 0
    for number in range(hosts):
        listening = await loop.create_server(
            lambda: Host(answers, seconds), address(number), port, backlog=1024
        )
        port = listening.sockets[0].getsockname()[1]
    print(port, flush=True)
    await asyncio.Event().wait()


@contextmanager
def hosts(seconds: float, count: int) -> Iterator[int]:
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
