"""Picture hosts: one works, one has nothing, one is slow, one fails every other time."""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import ThreadingHTTPServer

from tests.picture_host import PictureHandler

DELAY_SECONDS = 1.5


class _MissingHost(PictureHandler):
    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()


class _SlowHost(PictureHandler):
    def do_GET(self) -> None:
        time.sleep(DELAY_SECONDS)
        super().do_GET()


class _FlappingHost(PictureHandler):
    request_numbers = itertools.count()

    def do_GET(self) -> None:
        if next(self.request_numbers) % 2:
            super().do_GET()
            return
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A worker that is killed does not wait for its picture; that is no error of the host."""


@contextmanager
def picture_hosts() -> Iterator[tuple[str, ...]]:
    """Yields the URLs of the hosts, the one that works first.

    Each has an IP address of its own, because circuit breakers are per host.
    """
    with ExitStack() as stack:
        urls = []
        for number, host in enumerate(
            (PictureHandler, _MissingHost, _SlowHost, _FlappingHost), start=2
        ):
            urls.append(stack.enter_context(_serve(f"127.0.0.{number}", host)))
        yield tuple(urls)


@contextmanager
def _serve(address: str, host: type[PictureHandler]) -> Iterator[str]:
    server = _Server((address, 0), host)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{address}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
