"""The settings of Kafka's nodes."""

from pathlib import Path

from tests.engines.kafka_properties import Node, build_properties, format_properties
from tests.engines.security import Security

NODES = [Node(1, 9001, 9101), Node(2, 9002, 9102), Node(3, 9003, 9103)]
DATA = Path("data")


def test_a_node_listens_on_loopback_only() -> None:
    settings = build_properties(NODES[1], NODES, DATA, {})
    assert settings["listeners"] == "PLAINTEXT://127.0.0.1:9002,CONTROLLER://127.0.0.1:9102"
    assert settings["advertised.listeners"] == "PLAINTEXT://127.0.0.1:9002"


def test_every_node_votes() -> None:
    voters = {build_properties(node, NODES, DATA, {})["controller.quorum.voters"] for node in NODES}
    assert voters == {"1@127.0.0.1:9101,2@127.0.0.1:9102,3@127.0.0.1:9103"}


def test_three_nodes_keep_three_replicas_and_write_to_two() -> None:
    settings = build_properties(NODES[0], NODES, DATA, {})
    assert (
        settings["default.replication.factor"]
        == settings["offsets.topic.replication.factor"]
        == "3"
    )
    assert settings["min.insync.replicas"] == settings["transaction.state.log.min.isr"] == "2"


def test_one_node_needs_no_other() -> None:
    settings = build_properties(NODES[0], NODES[:1], DATA, {})
    assert settings["default.replication.factor"] == settings["min.insync.replicas"] == "1"


def test_topics_are_never_created_by_mistake() -> None:
    assert build_properties(NODES[0], NODES, DATA, {})["auto.create.topics.enable"] == "false"


def test_settings_of_a_test_win() -> None:
    assert build_properties(NODES[0], NODES, DATA, {"num.io.threads": "8"})["num.io.threads"] == "8"


def test_a_backslash_survives() -> None:
    assert format_properties({"log.dirs": "C:\\data"}) == "log.dirs=C:\\\\data\n"


class TestSecurity:
    SECURITY = Security(Path("server.pem"), Path("ca.pem"), {"newsroom": "swordfish"})
    NODE = Node(1, 9001, 9101, {"SASL_SSL": 9201})

    def test_secure_listeners_have_addresses_of_their_own(self) -> None:
        settings = build_properties(self.NODE, [self.NODE], DATA, {}, self.SECURITY)
        assert (
            settings["advertised.listeners"]
            == "PLAINTEXT://127.0.0.1:9001,SASL_SSL://127.0.0.1:9201"
        )
        assert settings["inter.broker.listener.name"] == "PLAINTEXT"

    def test_every_mechanism_has_a_login_at_every_listener_that_asks_for_one(self) -> None:
        names = self.SECURITY.properties()
        for listener in ("sasl_plaintext", "sasl_ssl"):
            for mechanism in ("plain", "scram-sha-256", "scram-sha-512"):
                assert f"listener.name.{listener}.{mechanism}.sasl.jaas.config" in names

    def test_scram_users_are_created_with_the_cluster(self) -> None:
        assert self.SECURITY.format_options() == [
            "--add-scram",
            "SCRAM-SHA-256=[name=newsroom,password=swordfish]",
            "--add-scram",
            "SCRAM-SHA-512=[name=newsroom,password=swordfish]",
        ]

    def test_passwords_are_not_in_the_representation(self) -> None:
        assert "swordfish" not in repr(self.SECURITY)
