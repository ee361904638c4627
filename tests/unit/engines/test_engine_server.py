"""What every engine does around its start."""

import pytest

from deploy.embedded.child_process import Engine
from deploy.embedded.errors import EngineDied
from deploy.embedded.server import Server

LOST = EngineDied("a server", 1, "bind: Address already in use")
BROKEN = EngineDied("a server", 1, "no space left on device")


class FakeServer(Server):
    """Fails with these errors, start after start, then works."""

    def __init__(self, *errors: EngineDied, port_is_given: bool = False) -> None:
        self.errors = list(errors)
        self.port_is_given = port_is_given
        self.did: list[str] = []

    def _start_once(self) -> None:
        self.did.append("start")
        if self.errors:
            raise self.errors.pop(0)

    def _choose_other_ports(self) -> bool:
        return not self.port_is_given

    def _processes(self) -> list[Engine]:
        return []

    def stop(self) -> None:
        self.did.append("stop")

    def card(self) -> dict[str, object]:
        return {}


def test_a_port_lost_to_another_process_is_tried_once_more() -> None:
    server = FakeServer(LOST)
    server.start()
    assert server.did == ["start", "stop", "start"]


def test_a_port_lost_twice_is_an_error() -> None:
    server = FakeServer(LOST, LOST)
    with pytest.raises(EngineDied):
        server.start()
    assert server.did == ["start", "stop", "start", "stop"]


@pytest.mark.parametrize(
    "server", [FakeServer(LOST, port_is_given=True), FakeServer(BROKEN)], ids=["given", "broken"]
)
def test_what_another_port_would_not_mend_is_not_tried_again(server: FakeServer) -> None:
    with pytest.raises(EngineDied):
        server.start()
    assert server.did == ["start", "stop"]


def test_with_stops_it_also_after_an_error() -> None:
    server = FakeServer()
    with pytest.raises(ZeroDivisionError), server:
        raise ZeroDivisionError
    assert server.did == ["start", "stop"]
