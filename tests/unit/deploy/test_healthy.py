"""When a container counts as healthy."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.healthy import SILENCE, lives, main
from shared.store import Heartbeat

NOW = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


def beat(state: str = "working", host: str = "c0ffee", service: str = "images", ago: float = 1) -> Heartbeat:
    return Heartbeat(
        instance=f"{service}-{host}-7",
        service=service,
        host=host,
        pid=7,
        state=state,
        at=NOW - timedelta(seconds=ago),
    )


@pytest.mark.parametrize("state", ["starting", "working", "waiting"])
def test_a_process_that_says_it_is_at_work_lives(state: str) -> None:
    assert lives("images", "c0ffee", [beat(state)], NOW)


@pytest.mark.parametrize("state", ["halted", "stopped", "failed"])
def test_a_process_that_said_its_last_word_does_not(state: str) -> None:
    assert not lives("images", "c0ffee", [beat(state)], NOW)


def test_a_process_that_fell_silent_does_not() -> None:
    assert not lives("images", "c0ffee", [beat(ago=SILENCE.total_seconds())], NOW)


def test_the_word_of_another_container_counts_for_nothing() -> None:
    assert not lives("images", "c0ffee", [beat(host="decade"), beat(service="ingest")], NOW)


def test_a_restarted_process_lives_though_its_forerunner_failed() -> None:
    assert lives("images", "c0ffee", [beat("failed", ago=2), beat()], NOW)


def test_without_the_name_of_a_service_the_usage_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "name of a service" in capsys.readouterr().err
