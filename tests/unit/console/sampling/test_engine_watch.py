"""Whether an engine answers, and since when."""

from datetime import UTC, datetime, timedelta

import pytest

from services.console.sampling.engine_watch import ANSWER_TIMEOUT, EngineWatch
from services.console.sampling.samples import EngineSample
from shared.errors import KafkaUnavailable

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Time:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def pass_by(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def watch(time):
    return EngineWatch("Kafka", time)


def answer(watch, time, seconds=0.1, error=None):
    with watch.asking():
        time.pass_by(seconds)
        if error is not None:
            raise error


def test_nothing_is_known_before_the_first_answer(watch):
    assert watch.read() is None


def test_an_engine_that_answers_is_up_since_its_first_answer(watch, time):
    answer(watch, time)
    first = time.now
    time.pass_by(60)
    answer(watch, time)
    assert watch.read() == EngineSample("Kafka", True, first)


def test_an_engine_that_refuses_is_away_since_it_was_asked(watch, time):
    answer(watch, time)
    asked = time.now
    answer(watch, time, 1, KafkaUnavailable("no answer"))
    time.pass_by(60)
    answer(watch, time, 1, KafkaUnavailable("still none"))
    assert watch.read() == EngineSample("Kafka", False, asked, "still none")


def test_an_engine_that_is_silent_is_away_before_the_client_gives_up(watch, time):
    answer(watch, time)
    asked = time.now
    with watch.asking():
        time.pass_by(ANSWER_TIMEOUT.total_seconds() - 0.1)
        assert watch.read().is_up
        time.pass_by(0.2)
        silent = watch.read()
        assert not silent.is_up
        assert silent.since == asked
    assert watch.read().is_up


def test_an_engine_that_comes_back_is_up_since_then(watch, time):
    answer(watch, time, error=KafkaUnavailable("no answer"))
    answer(watch, time)
    assert watch.read() == EngineSample("Kafka", True, time.now)


def test_other_errors_are_not_swallowed(watch, time):
    with pytest.raises(ZeroDivisionError):
        answer(watch, time, error=ZeroDivisionError())
