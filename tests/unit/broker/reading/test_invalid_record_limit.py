"""The limit on invalid records: when a consumer halts instead of rejecting everything."""

import pytest

from shared.broker.reading.invalid_record_limit import InvalidRecordLimit
from shared.errors import ProcessingHalted
from shared.settings import Settings

SETTINGS = Settings(invalid_share=0.01, invalid_window=1000, invalid_in_row=50)


def test_a_few_invalid_records_among_few_are_no_reason_to_stop():
    limit = InvalidRecordLimit(SETTINGS)
    limit.observe(20, 2)
    limit.observe(100, 40)


def test_too_many_in_a_row_halt():
    limit = InvalidRecordLimit(SETTINGS)
    limit.observe(30, 30)
    with pytest.raises(ProcessingHalted, match="50 invalid records in a row"):
        limit.observe(20, 20)


def test_one_good_record_breaks_the_row():
    limit = InvalidRecordLimit(SETTINGS)
    limit.observe(40, 40)
    limit.observe(40, 39)
    limit.observe(40, 40)


def test_a_share_above_the_limit_in_a_full_window_halts():
    limit = InvalidRecordLimit(SETTINGS)
    for _ in range(9):
        limit.observe(100, 1)
    with pytest.raises(ProcessingHalted, match="SEEDWIRE_INVALID_SHARE"):
        limit.observe(100, 2)


def test_records_that_left_the_window_are_forgotten():
    limit = InvalidRecordLimit(SETTINGS)
    limit.observe(100, 8)
    for _ in range(10):
        limit.observe(100, 0)
    for _ in range(9):
        limit.observe(100, 1)
