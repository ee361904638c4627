"""Real seeds and the cases of public trackers; each test skips without its data."""

import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.real_data import DATA, load_history
from tests.unit.ingest.ingest_trial import IngestTrial, count_articles, list_statuses

CASES = DATA.parent / "cases"


def load_case(name: str) -> list[bytes]:
    folder = CASES / name
    if not folder.is_dir():
        pytest.skip(f"the case is missing: {folder}")
    files = [file for file in sorted(folder.glob("*.md")) if file.name != "case.md"]
    return [file.read_bytes() for file in files]


def load_unrelated_seeds() -> list[bytes]:
    """2,974 seeds of another real site, with up to 179 relatives each."""
    path: Path = DATA / "seeds-azure.tar.gz"
    if not path.exists():
        pytest.skip(f"the real data is missing: {path}")
    seeds: list[bytes] = []
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None:
                seeds.append(file.read())
    return seeds


async def test_paths_that_differ_in_case_are_two_articles(ingest: IngestTrial):
    receipts = await ingest.drop(*load_case("01-case-of-path"))
    assert list_statuses(receipts) == ["accepted"] * 6


async def test_trackers_make_no_other_article(ingest: IngestTrial):
    receipts = await ingest.drop(*load_case("03-trackers-unknown"))
    assert list_statuses(receipts) == ["accepted", *["unchanged"] * 6]


async def test_a_drop_belongs_to_the_owner_of_its_web_url(ingest: IngestTrial):
    agency, paper, corrected = await ingest.drop(*load_case("04-alias-order"))
    assert (corrected["status"], corrected["articleId"]) == ("updated", paper["articleId"])
    assert agency["articleId"] in corrected["warnings"][0]["message"]


async def test_what_is_stored_is_readable(ingest: IngestTrial):
    receipts = await ingest.drop(*load_case("21-stored-larger-than-dropped"))
    assert set(list_statuses(receipts)) <= {"accepted", "rejected"}
    assert receipts[-1]["status"] == "accepted"
    for article in (await ingest.load_articles()).values():
        assert article.article.title


@pytest.mark.slow
async def test_every_drop_of_a_real_history_finds_its_article(ingest: IngestTrial):
    """In its updates URLs move, also in case: 512 articles were counted independently."""
    receipts = []
    history = load_history()
    for start in range(0, len(history), 100):
        records = [
            ingest.make_record(drop.seed, at=datetime.fromtimestamp(drop.at, UTC))
            for drop in history[start : start + 100]
        ]
        receipts += await ingest.handle(*records)
    statuses = list_statuses(receipts)
    counts = {status: statuses.count(status) for status in set(statuses)}
    assert counts == {"accepted": 512, "updated": 19, "unchanged": 3825}
    assert count_articles(receipts) == 512
    assert not any(receipt["warnings"] for receipt in receipts)


@pytest.mark.slow
async def test_no_real_seed_is_refused(ingest: IngestTrial):
    """Some name pictures of relatives by URLs that end in a space."""
    receipts = []
    seeds = load_unrelated_seeds()
    assert len(seeds) == 2974
    for start in range(0, len(seeds), 200):
        receipts += await ingest.drop_together(*seeds[start : start + 200])
    statuses = list_statuses(receipts)
    counts = {status: statuses.count(status) for status in set(statuses)}
    assert counts == {"accepted": 2961, "updated": 13}
