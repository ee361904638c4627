"""When a record arrived, whatever its producer wrote."""

from datetime import UTC, datetime, timedelta

import pytest

from services.console.sampling.arrivals import MAX_SIGHTINGS, Arrival, Arrivals

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def after(seconds):
    return START + timedelta(seconds=seconds)


@pytest.fixture
def arrivals():
    """A partition with ten records at the first look, and fifteen two seconds later."""
    arrivals = Arrivals()
    arrivals.look(10, 0, START)
    arrivals.look(15, 0, after(2))
    return arrivals


def test_a_credible_time_stamp_says_when_a_record_arrived(arrivals):
    assert arrivals.find_arrival(12, after(1.5)) == Arrival(after(1.5), is_at_least=False)


@pytest.mark.parametrize("stamp", [after(-1e9), after(1e9), after(-0.1), after(2.1), None])
def test_a_forged_time_stamp_makes_a_record_neither_older_nor_younger(arrivals, stamp):
    assert arrivals.find_arrival(12, stamp) == Arrival(START, is_at_least=False)


@pytest.mark.parametrize("stamp", [after(-1e9), after(-60), after(1e9)])
def test_a_record_from_before_the_first_look_is_at_least_as_old_as_that(arrivals, stamp):
    assert arrivals.find_arrival(9, stamp) == Arrival(START, is_at_least=True)


def test_what_is_committed_is_forgotten(arrivals):
    arrivals.look(20, 15, after(4))
    assert arrivals.find_arrival(15, None) == Arrival(after(2), is_at_least=False)


def test_a_group_that_is_set_back_waits_for_the_oldest_record_that_is_remembered(arrivals):
    arrivals.look(15, 15, after(4))
    arrivals.look(15, 3, after(6))
    assert arrivals.find_arrival(3, None).at == START


def test_a_topic_that_was_created_again_begins_anew(arrivals):
    arrivals.look(3, 0, after(4))
    arrivals.look(5, 0, after(6))
    assert arrivals.find_arrival(0, None) == Arrival(after(4), is_at_least=True)
    assert arrivals.find_arrival(4, None) == Arrival(after(4), is_at_least=False)


def test_a_long_backlog_is_remembered_less_exactly_but_never_as_younger():
    arrivals = Arrivals()
    looks = 4 * MAX_SIGHTINGS
    for number in range(looks):
        arrivals.look(number, 0, after(number))
    for offset in range(looks - 1):
        arrival = arrivals.find_arrival(offset, None)
        assert arrival.at <= after(offset + 1)
        assert after(offset) - arrival.at < timedelta(seconds=looks / 20)
