"""The cap on invalid records: when a consumer stops instead of refusing everything."""

import pytest

from shared.broker.invalid_limit import InvalidCap
from shared.errors import Halted
from shared.settings import Settings

SETTINGS = Settings(invalid_share=0.01, invalid_window=1000, invalid_in_row=50)


def test_a_few_invalid_records_among_few_are_no_reason_to_stop():
    cap = InvalidCap(SETTINGS)
    cap.observe(20, 2)
    cap.observe(100, 40)


def test_so_many_in_a_row_halt():
    cap = InvalidCap(SETTINGS)
    cap.observe(30, 30)
    with pytest.raises(Halted, match="50 invalid records in a row"):
        cap.observe(20, 20)


def test_one_good_record_breaks_the_row():
    cap = InvalidCap(SETTINGS)
    cap.observe(40, 40)
    cap.observe(40, 39)
    cap.observe(40, 40)


def test_past_the_share_of_a_full_window_it_halts():
    cap = InvalidCap(SETTINGS)
    for _ in range(9):
        cap.observe(100, 1)
    with pytest.raises(Halted, match="SEEDWIRE_INVALID_SHARE"):
        cap.observe(100, 2)


def test_what_left_the_window_is_forgotten():
    cap = InvalidCap(SETTINGS)
    cap.observe(100, 8)
    for _ in range(10):
        cap.observe(100, 0)
    for _ in range(9):
        cap.observe(100, 1)
