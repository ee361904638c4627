"""The real seeds of one site, all dropped at once: each is answered, linked and decided."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Processes
from tests.e2e.real_site.real_seed_files import SERVICES, write_seeds
from tests.picture_host import picture_size_at, run_picture_host
from tests.real_data import load_real_seeds

HEAT_PER_RELATIVE = 10
HEAT_FROM_QUALITY = 50
MAX_SHOWN = 10
PUBLISH_THRESHOLD = 70


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_all_real_seeds_pass_every_stage(processes: Processes, tmp_path: Path):
    with run_picture_host() as host:
        folder = write_seeds(load_real_seeds(), host, tmp_path / "drop")
        for service in SERVICES:
            processes.start(service)
        receipts = processes.seedwire_json("drop", str(folder))
        processes.seedwire("wait", "--timeout", "600", timeout=660)
    articles = processes.seedwire_json("list")
    (status,) = processes.seedwire_json("status")

    assert len(receipts) == len(load_real_seeds())
    statuses = {receipt["status"] for receipt in receipts}
    assert statuses <= {"accepted", "updated", "unchanged", "duplicate"}
    assert len(articles) == len({receipt["articleId"] for receipt in receipts})
    for article in articles:
        assert_decided(article)
        assert_measured(article, host)
    assert (status["parked"], status["rejected"]) == (0, 0)


def assert_decided(article: dict[str, Any]) -> None:
    """A lead's heat is its quality, and 10 for each relative from quality 50 on.

    An outranked article's heat is -1. All relatives count, but at most ten are shown.
    """
    quality, relatives = article.get("quality") or 0, len(article["related"])
    if article["lead"] == article["id"]:
        counted, remainder = divmod(article["heat"] - quality, HEAT_PER_RELATIVE)
        assert remainder == 0
        if quality < HEAT_FROM_QUALITY:
            assert counted == 0
        elif relatives < MAX_SHOWN:
            assert counted == relatives
        else:
            assert counted >= relatives
    else:
        assert article["heat"] == -1
        assert relatives
    assert article["published"] == (article["heat"] >= PUBLISH_THRESHOLD)


def assert_measured(article: dict[str, Any], host: str) -> None:
    for image in article.get("images") or []:
        assert image["isCached"] is True
        assert (image["width"], image["height"]) == picture_size_at(image["url"].removeprefix(host))
