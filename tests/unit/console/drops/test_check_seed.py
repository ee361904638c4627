"""A check says before the drop what its receipt will say."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.console.actions.drops.check_seed import check_seed
from shared.article import FieldError
from tests.unit.ingest.ingest_trial import NOW, IngestTrial, open_trial, write_seed

SOON = (NOW + timedelta(days=3)).isoformat()
DATED = write_seed(webUrl="paper.example/a").replace(b"2026-03-02T10:00:00Z", SOON.encode())


@pytest.fixture
async def ingest(tmp_path: Path) -> AsyncIterator[IngestTrial]:
    async with open_trial(tmp_path) as trial:
        yield trial


def as_faults(errors: tuple[FieldError, ...]) -> list[dict[str, object]]:
    """As receipts have them: without a line where none is known."""
    return [
        {name: value for name, value in vars(error).items() if value is not None}
        for error in errors
    ]


@pytest.mark.parametrize(
    ("seed", "field"),
    [
        (write_seed(more="qualty: 90", webUrl="paper.example/a"), "qualty"),
        (write_seed(more="heat: hot", webUrl="paper.example/a"), "heat"),
        (DATED, "publishedDateTime"),
        (write_seed(webUrl="paper.example/a", originalUrl="paper.example/known"), "originalUrl"),
        (write_seed(webUrl="paper.example/a", ampWebUrl="amp.paper.example/known"), "ampWebUrl"),
        (write_seed(webUrl="paper.example/a"), ""),
    ],
    ids=["near name", "hint", "date", "URL", "AMP URL", "none"],
)
async def test_a_check_has_the_warnings_of_the_receipt(
    ingest: IngestTrial, seed: bytes, field: str
):
    known = {"webUrl": "paper.example/known", "ampWebUrl": "amp.paper.example/known"}
    await ingest.drop(write_seed(title="Known", **known))
    await ingest.drop(write_seed(title="Drizzle", webUrl="paper.example/a"))
    check = await check_seed(seed, ingest.store, NOW)
    (receipt,) = await ingest.drop(seed)
    assert receipt["status"] == "updated"
    assert (check.title, check.errors) == ("Rain", ())
    assert as_faults(check.warnings) == receipt["warnings"]
    assert [warning["field"] for warning in receipt["warnings"]] == ([field] if field else [])


async def test_a_check_of_a_known_article_warns_of_none_of_its_own_urls(ingest: IngestTrial):
    seed = write_seed(webUrl="paper.example/a", ampWebUrl="paper.example/a/amp")
    await ingest.drop(seed)
    assert (await check_seed(seed, ingest.store, NOW)).warnings == ()


async def test_a_check_has_the_errors_of_the_receipt_and_keeps_nothing(ingest: IngestTrial):
    seed = write_seed(more="quality: x", webUrl="paper.example/a")
    check = await check_seed(seed, ingest.store, NOW)
    assert (check.is_valid, await ingest.store.rejected.count()) == (False, 0)
    (receipt,) = await ingest.drop(seed)
    assert as_faults(check.errors) == receipt["errors"]


async def test_a_check_claims_no_alias(ingest: IngestTrial):
    await check_seed(write_seed(webUrl="paper.example/a"), ingest.store, NOW)
    assert await ingest.store.articles.list_aliases() == []
