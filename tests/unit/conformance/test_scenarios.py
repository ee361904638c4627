"""The scenarios are those that are promised, and their records are what they should be."""

import pytest

from services.console.cli.main import run
from services.console.conformance.harness import explain
from services.console.conformance.newsroom import Newsroom
from services.console.conformance.scenarios import SCENARIOS
from services.console.conformance.strange_records import LARGEST_BODY
from shared.budgets import MAX_EVENT_BYTES


def test_every_promised_scenario_is_there():
    names = " ".join(scenario.name for scenario in SCENARIOS)
    for promised in (
        "repeats", "another order", "tombstones", "unknown fields", "unknown types", "gap",
        "new cluster", "expired offsets", "late repeat", "junk", "size limit", "restart",
    ):  # fmt: skip
        assert promised in names


def test_the_largest_event_is_within_the_limit_and_close_to_it():
    event = Newsroom().publish("bridge", body=LARGEST_BODY).log
    assert MAX_EVENT_BYTES - 1_000 < event.size <= MAX_EVENT_BYTES


def test_what_cannot_be_played_says_what_it_needs():
    explained = {explain(scenario) for scenario in SCENARIOS if scenario.need}
    assert any("Apache Kafka" in sentence for sentence in explained)
    assert any("embedded broker" in sentence for sentence in explained)


@pytest.mark.parametrize("arguments", [["--consumer", ""], ["--consumer", "'"]])
def test_a_consumer_that_is_no_command_is_wrong_usage(arguments: list[str], capsys):
    assert run(["conformance", *arguments]) == 2
    assert "--consumer" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["contract check", "contract generate", "conformance"])
def test_help_has_examples(command: str, capsys):
    run([*command.split(), "--help"])
    assert f"      seedwire {command}".lstrip() in capsys.readouterr().out
