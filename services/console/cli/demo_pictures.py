"""Serves the pictures and pages of `seeds/` on loopback, for the demo alone."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT = 8780  # as the seeds name it


class _Quiet(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        """A page, or else a picture."""
        picture = Path(super().translate_path(path))
        page = Path(self.directory).parent / "pages" / picture.relative_to(self.directory)
        return str(page if page.is_file() else picture)

    def log_message(self, format: str, *args: object) -> None:
        """The demo shows other things."""


@contextmanager
def picture_host(folder: Path) -> Iterator[str]:
    """Yields the `host:port` that *folder*, and `pages` beside it, is served at.

    The port is that of the seeds, or another if that is taken.
    """
    handler = functools.partial(_Quiet, directory=str(folder))
    server = _bound(handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _bound(handler: functools.partial[_Quiet]) -> ThreadingHTTPServer:
    try:
        return ThreadingHTTPServer(("127.0.0.1", PORT), handler)
    except OSError:  # taken
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)
