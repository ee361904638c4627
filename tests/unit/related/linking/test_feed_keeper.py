"""What those see of the statistics of a feed who only observe linking."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.enrichment.related.features.readers import Reader
from services.enrichment.related.judging.feed_statistics import (
    compute_statistics,
    pack_statistics,
)
from services.enrichment.related.linking.feed_keeper import has_current_statistics
from shared.store import connect


@pytest.mark.parametrize(("reader", "is_current"), [("table", True), ("of-another-version", False)])
async def test_statistics_of_an_unknown_reader_are_not_current(
    tmp_path: Path, reader: str, is_current: bool
) -> None:
    known = Reader("table")
    packed = pack_statistics(compute_statistics([], known), known)
    snapshot = replace(packed, reader=reader, is_applied=True)
    store = connect(f"sqlite:///{tmp_path / 'seedwire.db'}")
    await store.open()
    try:
        assert await has_current_statistics(snapshot, store) == is_current
    finally:
        await store.close()
