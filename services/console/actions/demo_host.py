"""Serves the images and web pages of `seeds/` on the loopback address, for the demo alone."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
PORT: Final = 8780  # the port that the seeds name


class _RequestHandler(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        """The file of a web page, or else of an image."""
        image = Path(super().translate_path(path))
        page = Path(self.directory).parent / "pages" / image.relative_to(self.directory)
        return str(page if page.is_file() else image)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the demo prints other things."""


@contextmanager
def serve_demo_files(images: Path) -> Iterator[str]:
    """Serve the folder *images*, and `pages` beside it, during the block; yields the `host:port`.

    The port is the one that the seeds name, or another if that is taken.
    """
    server = _open_server(functools.partial(_RequestHandler, directory=str(images)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{LOOPBACK}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _open_server(handler: functools.partial[_RequestHandler]) -> ThreadingHTTPServer:
    try:
        return ThreadingHTTPServer((LOOPBACK, PORT), handler)
    except OSError:  # the port is taken
        return ThreadingHTTPServer((LOOPBACK, 0), handler)
