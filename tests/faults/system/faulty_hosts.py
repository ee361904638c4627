"""Picture hosts with faults: one works, one has nothing, one is slow, one fails every other time.

The one that works is that of `tests/picture_host.py`, which also runs the others.
"""

import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.picture_host import PictureHandler, run_picture_host

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


@contextmanager
def run_picture_hosts() -> Iterator[tuple[str, ...]]:
    """Yields the URLs of the hosts, the one that works first.

    Each has an IP address of its own, because circuit breakers are per host.
    """
    with ExitStack() as stack:
        urls = []
        for number, host in enumerate(
            (PictureHandler, _MissingHost, _SlowHost, _FlappingHost), start=2
        ):
            urls.append(stack.enter_context(run_picture_host(f"127.0.0.{number}", host)))
        yield tuple(urls)
