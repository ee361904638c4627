"""A picture host on loopback: every path has a real picture, of a size that the path decides."""

import io
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image


@cache
def make_jpeg(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (width % 256, height % 256, 90)).save(buffer, "JPEG")
    return buffer.getvalue()


def picture_size_at(path: str) -> tuple[int, int]:
    """The size of the picture at *path*: one of 64."""
    number = zlib.crc32(path.encode()) % 64
    return 40 + number, 30 + number


class PictureHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        content = make_jpeg(*picture_size_at(self.path))
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A worker that is killed does not wait for its picture; that is no error of the host."""


@contextmanager
def run_picture_host(
    address: str = "127.0.0.1", handler: type[BaseHTTPRequestHandler] = PictureHandler
) -> Iterator[str]:
    """Yields `http://ADDRESS:PORT`, where *handler* answers."""
    server = _Server((address, 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{address}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
