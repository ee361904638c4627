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
from shared.errors import SettingsError
from tests.opened_store import opened

TABLE = Reader("table")
EMPTY_FEED = replace(pack_statistics(compute_statistics([], TABLE), TABLE), is_applied=True)


async def test_applied_statistics_of_the_articles_are_current(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path / 'seedwire.db'}") as store:
        assert await has_current_statistics(EMPTY_FEED, store)
        assert not await has_current_statistics(replace(EMPTY_FEED, is_applied=False), store)
        assert not await has_current_statistics(replace(EMPTY_FEED, narrowness=0.1), store)


async def test_statistics_of_an_unknown_reader_are_refused_in_a_sentence(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path / 'seedwire.db'}") as store:
        unknown = replace(EMPTY_FEED, reader="of-another-version")
        with pytest.raises(SettingsError, match="use the version that its workers have"):
            await has_current_statistics(unknown, store)
