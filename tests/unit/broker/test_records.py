"""Raw records: whatever a producer sends becomes a record."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared.broker.records import to_record


def raw(timestamp: int) -> Any:
    return SimpleNamespace(
        topic="t", partition=0, offset=7, timestamp=timestamp, key=None, value=b"x", headers=()
    )


@pytest.mark.parametrize(
    ("timestamp", "year"),
    [(-1, 1970), (0, 1970), (1_700_000_000_000, 2023), (2**63 - 1, 9999), (-(2**63), 1970)],
)
def test_any_timestamp_of_a_producer_is_accepted(timestamp: int, year: int):
    assert to_record("c", raw(timestamp)).timestamp.year == year
