"""The settings of Kafka's nodes."""

from pathlib import Path

from deploy.engines.kafka_properties import Node, as_text, properties

NODES = [Node(1, 9001, 9101), Node(2, 9002, 9102), Node(3, 9003, 9103)]
DATA = Path("data")


def test_a_node_listens_on_loopback_only() -> None:
    settings = properties(NODES[1], NODES, DATA, {})
    assert settings["listeners"] == "PLAINTEXT://127.0.0.1:9002,CONTROLLER://127.0.0.1:9102"
    assert settings["advertised.listeners"] == "PLAINTEXT://127.0.0.1:9002"


def test_every_node_votes() -> None:
    voters = {properties(node, NODES, DATA, {})["controller.quorum.voters"] for node in NODES}
    assert voters == {"1@127.0.0.1:9101,2@127.0.0.1:9102,3@127.0.0.1:9103"}


def test_three_nodes_keep_three_copies_and_write_to_two() -> None:
    settings = properties(NODES[0], NODES, DATA, {})
    assert settings["default.replication.factor"] == settings["offsets.topic.replication.factor"] == "3"
    assert settings["min.insync.replicas"] == settings["transaction.state.log.min.isr"] == "2"


def test_one_node_needs_no_other() -> None:
    settings = properties(NODES[0], NODES[:1], DATA, {})
    assert settings["default.replication.factor"] == settings["min.insync.replicas"] == "1"


def test_topics_are_never_made_by_mistake() -> None:
    assert properties(NODES[0], NODES, DATA, {})["auto.create.topics.enable"] == "false"


def test_what_a_test_asks_for_wins() -> None:
    assert properties(NODES[0], NODES, DATA, {"num.io.threads": "8"})["num.io.threads"] == "8"


def test_a_backslash_stays_one() -> None:
    assert as_text({"log.dirs": "C:\\data"}) == "log.dirs=C:\\\\data\n"
