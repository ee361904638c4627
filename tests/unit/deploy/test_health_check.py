"""The health check of a container: what it asks, and how it judges the responses."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deploy.embedded.ports import find_free_port
from deploy.health_check import main

Serve = Callable[..., None]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """A service that answers with these status codes."""
    with ExitStack() as stack:

        def serve(**codes: int) -> None:
            class Pages(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    self.send_response(codes[self.path.removeprefix("/health/")])
                    self.end_headers()
                    self.wfile.write(b"a status")

                def log_message(self, format: str, *args: object) -> None:
                    """Quiet."""

            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Pages))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            monkeypatch.setenv("SEEDWIRE_HEALTH_PORT", str(server.server_address[1]))
            monkeypatch.setenv("SEEDWIRE_HEALTH_HOST", "0.0.0.0")

        yield serve


def test_a_service_that_is_live_and_ready_is_healthy(
    service: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    service(live=200, ready=200)
    assert main([]) == 0
    assert "a status" in capsys.readouterr().out


@pytest.mark.parametrize("codes", [{"live": 503, "ready": 200}, {"live": 200, "ready": 503}])
def test_a_service_that_is_not_both_is_not_healthy(service: Serve, codes: dict[str, int]) -> None:
    service(**codes)
    assert main([]) == 1


def test_only_named_pages_are_asked(service: Serve) -> None:
    service(live=200, ready=503)
    assert (main(["live"]), main(["ready"])) == (0, 1)


def test_a_service_that_does_not_answer_is_not_healthy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEEDWIRE_HEALTH_PORT", str(find_free_port()))
    assert main([]) == 1
    assert capsys.readouterr().err


def test_without_a_port_it_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    assert "SEEDWIRE_HEALTH_PORT is not set" in capsys.readouterr().err


def test_an_unknown_page_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["well"]) == 2
    assert "live or ready" in capsys.readouterr().err
