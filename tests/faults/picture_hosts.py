"""Picture hosts with moods: one is sound, one has nothing, one is slow, one fails every other time."""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import ThreadingHTTPServer

from tests.picture_host import _Host

SLOW_SECONDS = 1.5


class _Missing(_Host):
    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()


class _Slow(_Host):
    def do_GET(self) -> None:
        time.sleep(SLOW_SECONDS)
        super().do_GET()


class _Flapping(_Host):
    turns = itertools.count()

    def do_GET(self) -> None:
        if next(self.turns) % 2:
            super().do_GET()
            return
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def picture_hosts() -> Iterator[tuple[str, ...]]:
    """Yields their addresses, the sound one first. Each has an address of its own: breakers are per host."""
    with ExitStack() as stack:
        kinds = (_Host, _Missing, _Slow, _Flapping)
        yield tuple(
            stack.enter_context(_serving(f"127.0.0.{n}", kind)) for n, kind in enumerate(kinds, 2)
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A worker that was killed did not wait for its picture."""


@contextmanager
def _serving(address: str, kind: type[_Host]) -> Iterator[str]:
    server = _Server((address, 0), kind)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{address}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
