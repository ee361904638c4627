"""The real seeds of one site, dropped at once: every one is answered, linked, pictured and decided."""

import json
from pathlib import Path

import pytest

from tests.conftest import Processes
from tests.picture_host import picture_host, size_of
from tests.real_data import real_seeds, with_pictures_at

SERVICES = [
    "services.ingest",
    "services.enrichment.images",
    "services.enrichment.related",
    "services.publishing",
]


@pytest.mark.slow
def test_all_real_seeds_come_through(processes: Processes, tmp_path: Path):
    with picture_host() as host:
        folder = written(real_seeds(), host, tmp_path / "drop")
        for service in SERVICES:
            processes.start(service)
        receipts = [
            json.loads(line)
            for line in processes.seedwire("drop", "--json", str(folder)).stdout.splitlines()
        ]
        processes.seedwire("wait", "--timeout", "240")
    articles = [
        json.loads(line) for line in processes.seedwire("list", "--json").stdout.splitlines()
    ]
    status = json.loads(processes.seedwire("status", "--json").stdout)

    assert len(receipts) == len(real_seeds())
    assert {receipt["status"] for receipt in receipts} <= {
        "accepted",
        "updated",
        "unchanged",
        "duplicate",
    }
    assert len(articles) == len({receipt["articleId"] for receipt in receipts})
    for article in articles:
        assert_decided(article)
        assert_measured(article, host)
    assert (status["parked"], status["rejected"]) == (0, 0)


def written(seeds: dict[str, bytes], host: str, folder: Path) -> Path:
    folder.mkdir()
    for name, seed in seeds.items():
        (folder / name).write_bytes(with_pictures_at(host, seed))
    return folder


def assert_decided(article: dict) -> None:
    """Without relatives heat is quality; a lead gains ten for each; an outranked article has -1; the bar is 70."""
    quality, relatives = article.get("quality") or 0, len(article["related"])
    if article["lead"] == article["id"]:
        assert article["heat"] == quality + 10 * relatives
    else:
        assert article["heat"] == -1
        assert relatives
    assert article["published"] == (article["heat"] >= 70)


def assert_measured(article: dict, host: str) -> None:
    for image in article.get("images") or []:
        assert image["isCached"] is True
        assert (image["width"], image["height"]) == size_of(image["url"].removeprefix(host))
