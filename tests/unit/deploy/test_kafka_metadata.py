"""The hand-written Metadata request, and what is read from its response."""

import socket
import struct
import threading

import pytest

from deploy.embedded.kafka_metadata import (
    Cluster,
    build_request,
    is_ready,
    new_cluster_id,
    parse_response,
)


def encode_text(value: str | None) -> bytes:
    return (
        struct.pack(">h", -1) if value is None else struct.pack(">h", len(value)) + value.encode()
    )


def build_response(cluster_id: str | None, *nodes: int, rack: str | None = None) -> bytes:
    brokers = b"".join(
        struct.pack(">i", node)
        + encode_text("127.0.0.1")
        + struct.pack(">i", 9092)
        + encode_text(rack)
        for node in nodes
    )
    return (
        struct.pack(">ii", 1, len(nodes))
        + brokers
        + encode_text(cluster_id)
        + struct.pack(">ii", 1, 0)
    )


class TestParseResponse:
    def test_it_gives_the_cluster_id_and_the_nodes(self) -> None:
        assert parse_response(build_response("abc", 1, 3)) == Cluster("abc", frozenset({1, 3}))

    def test_a_rack_is_skipped(self) -> None:
        assert parse_response(build_response("abc", 7, rack="east")) == Cluster(
            "abc", frozenset({7})
        )

    def test_a_cluster_may_have_no_id_yet(self) -> None:
        assert parse_response(build_response(None, 1)).id is None

    @pytest.mark.parametrize("cut", [0, 3, 9, 20])
    def test_half_a_response_is_an_error(self, cut: int) -> None:
        with pytest.raises(struct.error):
            parse_response(build_response("abc", 1)[:cut])


def test_the_request_says_its_own_size() -> None:
    frame = build_request()
    assert struct.unpack(">i", frame[:4]) == (len(frame) - 4,)
    assert struct.unpack(">hh", frame[4:8]) == (3, 2)


def test_a_cluster_id_is_never_an_option_of_a_command_line() -> None:
    ids = {new_cluster_id() for _ in range(2_000)}
    assert len(ids) == 2_000
    assert {len(cluster_id) for cluster_id in ids} == {22}
    assert not any(cluster_id.startswith("-") for cluster_id in ids)


class TestIsReady:
    def test_a_free_port_is_not_ready(self, free_port: int) -> None:
        assert not is_ready(free_port, "abc")

    @pytest.mark.parametrize(
        ("cluster_id", "nodes", "expected"),
        [("abc", {1}, True), ("abc", {1, 2}, False), ("another", {1}, False)],
    )
    def test_it_is_our_cluster_with_all_its_nodes(
        self, cluster_id: str, nodes: set[int], expected: bool
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=answer_once, args=(server, build_response("abc", 1)))
            thread.start()
            assert is_ready(server.getsockname()[1], cluster_id, frozenset(nodes)) is expected
            thread.join()

    def test_something_that_is_no_broker_is_not_ready(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=answer_once, args=(server, b"HTTP"))
            thread.start()
            assert not is_ready(server.getsockname()[1], "abc")
            thread.join()


def answer_once(server: socket.socket, content: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1_000)
        connection.sendall(struct.pack(">i", len(content)) + content)


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
