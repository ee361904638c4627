"""What every engine does when it starts."""

import pytest

from deploy.embedded.child_process import ChildProcess
from deploy.embedded.errors import EngineDied
from deploy.embedded.server import Server

LOST_PORT = EngineDied("a server", 1, "bind: Address already in use")
BROKEN = EngineDied("a server", 1, "no space left on device")


class FakeServer(Server):
    """Fails with these errors, one per start, then works."""

    def __init__(self, *errors: EngineDied, port_is_given: bool = False) -> None:
        self.errors = list(errors)
        self.port_is_given = port_is_given
        self.calls: list[str] = []

    def _start_once(self) -> None:
        self.calls.append("start")
        if self.errors:
            raise self.errors.pop(0)

    def _choose_other_ports(self) -> bool:
        return not self.port_is_given

    def _processes(self) -> list[ChildProcess]:
        return []

    def stop(self) -> None:
        self.calls.append("stop")

    def describe(self) -> dict[str, object]:
        return {}


def test_after_its_port_was_lost_an_engine_starts_once_more() -> None:
    server = FakeServer(LOST_PORT)
    server.start()
    assert server.calls == ["start", "stop", "start"]


def test_a_port_lost_twice_is_an_error() -> None:
    server = FakeServer(LOST_PORT, LOST_PORT)
    with pytest.raises(EngineDied):
        server.start()
    assert server.calls == ["start", "stop", "start", "stop"]


@pytest.mark.parametrize(
    "server",
    [FakeServer(LOST_PORT, port_is_given=True), FakeServer(BROKEN)],
    ids=["given", "broken"],
)
def test_an_error_that_another_port_would_not_fix_is_not_retried(server: FakeServer) -> None:
    with pytest.raises(EngineDied):
        server.start()
    assert server.calls == ["start", "stop"]


def test_with_stops_it_also_after_an_error() -> None:
    server = FakeServer()
    with pytest.raises(ZeroDivisionError), server:
        raise ZeroDivisionError
    assert server.calls == ["start", "stop"]
