"""What robots.txt files allow, and how long they are remembered."""

import time

import pytest

from services.enrichment.images.fetch_outcome import Failure, FailureKind, RetryLater
from services.enrichment.images.pages.robots import (
    MAX_ORIGINS,
    MAX_ROBOTS_BYTES,
    REMEMBERED_SECONDS,
    RobotsPolicy,
    merge_other_robots,
)

RULES = b"""
User-agent: seedwire
Disallow: /private
Allow: /private/press
Disallow: /*.pdf$

User-agent: *
Disallow: /
"""


class FakeSites:
    """Every site has the same robots.txt. Keeps the URLs that were requested."""

    def __init__(self, robots_txt: bytes | Failure | RetryLater) -> None:
        self.robots_txt = robots_txt
        self.requested: list[str] = []
        self.now = 0.0

    async def fetch(self, url: str, seconds: float) -> bytes | Failure | RetryLater:
        self.requested.append(url)
        return self.robots_txt

    def policy(self) -> RobotsPolicy:
        return RobotsPolicy(self.fetch, "Seedwire", lambda: self.now)


@pytest.mark.parametrize(
    ("path", "is_allowed"),
    [
        ("/story", True),
        ("/private/x", False),
        ("/private/press/x", True),
        ("/a.pdf", False),
        ("/a.pdfx", True),
    ],
)
async def test_the_group_with_our_name_counts(path: str, is_allowed: bool):
    refusal = await FakeSites(RULES).policy().check(f"https://paper.example{path}", 3)
    if is_allowed:
        assert refusal is None
    else:
        assert isinstance(refusal, Failure)
        assert refusal.kind is FailureKind.ROBOTS


async def test_the_group_of_all_robots_counts_when_none_has_our_name():
    policy = FakeSites(b"User-agent: *\nDisallow: /").policy()
    assert await policy.check("https://paper.example/", 3)


@pytest.mark.parametrize(
    "robots_txt", [b"", b"\xff\xfe\x00 no rules", Failure(FailureKind.NOT_FOUND, "404")]
)
async def test_a_site_without_rules_allows_everything(robots_txt: bytes | Failure):
    assert await FakeSites(robots_txt).policy().check("https://paper.example/", 3) is None


TEXT = "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    "robots_txt",
    [
        ("\ufeff" + TEXT).encode(),
        ("\ufeff\ufeff" + TEXT).encode(),
        ("\ufeffUser-agent: Seedwire\nDisallow: /\n\nUser-agent: *\nDisallow:\n").encode(),
        ("\ufeff" + TEXT).encode("utf-16-le"),
        ("\ufeff" + TEXT).encode("utf-16-be"),
        ("\ufeff" + TEXT).encode("utf-32"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        ("\ufeff" + TEXT).encode("utf-16-le") + b"x",
        ("# Seite für Suchmaschinen\r" + TEXT.replace("\n", "\r")).encode("latin-1"),
        b"\0" + TEXT.encode(),
    ],
)
async def test_a_file_is_obeyed_in_whatever_encoding_it_is(robots_txt: bytes):
    assert await FakeSites(robots_txt).policy().check("https://paper.example/a", 3)


async def test_a_page_waits_while_robots_txt_cannot_be_fetched():
    sites = FakeSites(RetryLater("the host answered 503", 60))
    policy = sites.policy()
    refusal = await policy.check("https://paper.example/", 3)
    assert isinstance(refusal, RetryLater)
    assert refusal.retry_after == 60
    sites.robots_txt = RULES
    assert await policy.check("https://paper.example/", 3) is None


async def test_each_origin_is_asked_once_a_day():
    sites = FakeSites(RULES)
    policy = sites.policy()
    origins = ["https://a.example", "https://a.example:8443", "http://a.example"]
    for url in ("https://a.example/1", *(f"{origin}/2" for origin in origins)):
        await policy.check(url, 3)
    assert sites.requested == [f"{origin}/robots.txt" for origin in origins]
    sites.now = REMEMBERED_SECONDS + 1
    await policy.check("https://a.example/1", 3)
    assert len(sites.requested) == 4


async def test_only_so_many_origins_are_remembered():
    sites = FakeSites(RULES)
    policy = sites.policy()
    for number in range(MAX_ORIGINS + 1):
        await policy.check(f"https://s{number}.example/", 3)
    await policy.check(f"https://s{MAX_ORIGINS}.example/", 3)
    assert len(sites.requested) == MAX_ORIGINS + 1
    await policy.check("https://s0.example/", 3)
    assert len(sites.requested) == MAX_ORIGINS + 2


async def test_the_names_of_other_robots_become_one_name():
    others = "User-agent: robot1\nUser-agent: robot2\n"
    ours = "User-agent: seed*wire\nUser-Agent *\n"
    text = merge_other_robots(f"{others}{ours}Disallow: /\nuser agent: other\n", "Seedwire")
    names = [line for line in text.splitlines() if line.startswith("User-agent")]
    assert set(names) == {"User-agent: (another)", "User-agent: seedwire", "User-agent: *"}


async def test_many_robots_before_many_rules_are_read_in_time():
    """As they came they took 15 s for each page, and 260 MB."""
    robots = "".join(f"User-agent: robot{number}\n" for number in range(2_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(2_000))
    sites = FakeSites((robots + rules + "User-agent: Seedwire\nDisallow: /x").encode())
    start = time.process_time()
    assert await sites.policy().check("https://paper.example/x", 3)
    assert await sites.policy().check("https://paper.example/1", 3) is None
    assert time.process_time() - start < 5


async def test_long_files_are_remembered_for_fewer_origins():
    sites = FakeSites(b"#" * MAX_ROBOTS_BYTES)
    policy = sites.policy()
    for number in range(9):
        await policy.check(f"https://{number}.example/", 3)
    await policy.check("https://8.example/", 3)
    assert len(sites.requested) == 9
    await policy.check("https://0.example/", 3)
    assert len(sites.requested) == 10


async def test_a_robots_txt_that_was_not_requested_costs_the_page_no_attempt():
    busy = RetryLater("the host is busy", 60, is_host_failure=False, is_attempt=False)
    refusal = await FakeSites(busy).policy().check("https://paper.example/", 3)
    assert isinstance(refusal, RetryLater)
    assert not refusal.is_attempt
