"""The typed consumer passes every scenario that the engine can play; a naive one fails rightly."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from services.console.conformance.kafka_under_test import find_topics
from services.console.conformance.scenarios import SCENARIOS
from shared.broker.topic_creation import create_missing_topics
from shared.events.topics import load_topics
from shared.settings import Settings
from tests.conftest import ROOT, Processes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

EXAMPLE = f"{sys.executable} {ROOT / 'examples' / 'python' / 'consumer.py'}"
NAIVE = f"{sys.executable} {Path(__file__).parent / 'naive_consumer.py'}"


@pytest.fixture
def empty_kafka(on_real_engines: bool, kafka: dict[str, str]) -> str:
    """The address of this test's Apache Kafka, without topics; empty on the embedded engines."""
    return kafka["SEEDWIRE_KAFKA"] if on_real_engines else ""


def play(
    processes: Processes, empty_kafka: str, consumer: str, *arguments: str
) -> dict[str, dict[str, Any]]:
    """What `seedwire conformance` says of *consumer*, by scenario."""
    if empty_kafka:
        arguments = (*arguments, "--kafka", empty_kafka)
    results = processes.seedwire_json(
        "conformance", "--consumer", consumer, *arguments, check=False
    )
    return {result["scenario"]: result for result in results}


def test_the_example_in_python_passes_every_scenario(processes: Processes, empty_kafka: str):
    results = play(processes, empty_kafka, EXAMPLE)
    assert {name: result["faults"] for name, result in results.items() if result["faults"]} == {}
    left_out = {name for name, result in results.items() if result["status"] == "left out"}
    assert left_out == (set() if empty_kafka else {"expired offsets"})
    assert len(results) == len(SCENARIOS)


def test_a_naive_consumer_fails_for_the_right_reasons(processes: Processes, empty_kafka: str):
    names = ("tombstones", "a late repeat", "junk", "a snapshot")
    only = [argument for name in names for argument in ("--only", name)]
    results = play(processes, empty_kafka, NAIVE, *only, "--timeout", "6")
    assert results["a snapshot, then the log"]["status"] == "passed"
    assert "it shows comet, which is not published" in results["tombstones"]["faults"]
    late = results["a late repeat of a retracted article"]["faults"]
    assert "it shows bridge, which is not published" in late
    assert results["junk"]["faults"][0].startswith("it ended by itself with exit code 1")


def test_the_exit_code_says_whether_the_consumer_passed(processes: Processes):
    arguments = ("conformance", "--only", "empty topics", "--timeout", "4", "--consumer")
    assert processes.seedwire(*arguments, EXAMPLE, check=False).returncode == 0
    result = processes.seedwire(*arguments, "true", check=False)
    assert result.returncode == 1
    assert "it ended by itself with exit code 0" in result.stdout
    unknown = ("conformance", "--only", "nothing like it", "--consumer", "true")
    assert processes.seedwire(*unknown, check=False).returncode == 2


@pytest.mark.embedded
def test_what_was_left_out_is_said_loudly(processes: Processes):
    result = processes.seedwire("conformance", "--only", "expired", "--consumer", "true")
    assert "NOT PLAYED: expired offsets: it needs Apache Kafka" in result.stdout
    assert (
        json.loads(
            processes.seedwire(
                "conformance", "--only", "expired", "--consumer", "true", "--json"
            ).stdout
        )["status"]
        == "left out"
    )


@pytest.mark.real
def test_topics_that_exist_already_are_never_touched(processes: Processes, empty_kafka: str):
    settings = Settings(kafka=empty_kafka)
    asyncio.run(create_missing_topics(settings, load_topics()))
    arguments = ("conformance", "--consumer", "true", "--kafka", empty_kafka)
    result = processes.seedwire(*arguments, check=False)
    assert result.returncode == 2
    assert "has the topics published.log" in result.stderr
    assert asyncio.run(find_topics(settings)) == ["published.log", "published.state"]
