"""What sites ask of robots."""

import time

import pytest

from services.enrichment.images.fetching.fetch_outcome import Failed, Failure, Later
from services.enrichment.images.pages.robots import BYTES, REMEMBERED, SECONDS, Robots, concerning

RULES = b"""
User-agent: seedwire
Disallow: /private
Allow: /private/press
Disallow: /*.pdf$

User-agent: *
Disallow: /
"""


class Site:
    """Answers every robots.txt alike, and counts."""

    def __init__(self, answer: bytes | Failed | Later) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.now = 0.0

    async def read(self, url: str, seconds: float) -> bytes | Failed | Later:
        self.asked.append(url)
        return self.answer

    def robots(self) -> Robots:
        return Robots(self.read, "Seedwire", lambda: self.now)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/story", True),
        ("/private/x", False),
        ("/private/press/x", True),
        ("/a.pdf", False),
        ("/a.pdfx", True),
    ],
)
async def test_the_group_with_our_name_counts(path: str, allowed: bool):
    refusal = await Site(RULES).robots().refuse(f"https://paper.example{path}", 3)
    assert (refusal is None) == allowed
    assert allowed or (isinstance(refusal, Failed) and refusal.kind is Failure.ROBOTS)


async def test_the_group_of_all_counts_when_none_has_our_name():
    assert await Site(b"User-agent: *\nDisallow: /").robots().refuse("https://paper.example/", 3)


@pytest.mark.parametrize(
    "answer", [b"", b"\xff\xfe\x00 no rules", Failed(Failure.NOT_FOUND, "404")]
)
async def test_a_site_without_rules_allows_all(answer: bytes | Failed):
    assert await Site(answer).robots().refuse("https://paper.example/", 3) is None


async def test_a_site_that_cannot_be_asked_is_left_alone_until_it_can():
    site = Site(Later("the host answered 503", 60))
    robots = site.robots()
    refusal = await robots.refuse("https://paper.example/", 3)
    assert isinstance(refusal, Later)
    assert refusal.after == 60
    site.answer = RULES
    assert await robots.refuse("https://paper.example/", 3) is None


async def test_a_site_is_asked_once_a_day_at_its_own_place():
    site = Site(RULES)
    robots = site.robots()
    for url in (
        "https://a.example/1",
        "https://a.example/2",
        "https://a.example:8443/",
        "http://a.example/",
    ):
        await robots.refuse(url, 3)
    assert site.asked == [
        f"{root}/robots.txt"
        for root in ("https://a.example", "https://a.example:8443", "http://a.example")
    ]
    site.now = SECONDS + 1
    await robots.refuse("https://a.example/1", 3)
    assert len(site.asked) == 4


async def test_only_so_many_sites_are_remembered():
    site = Site(RULES)
    robots = site.robots()
    for number in range(REMEMBERED + 1):
        await robots.refuse(f"https://s{number}.example/", 3)
    await robots.refuse(f"https://s{REMEMBERED}.example/", 3)
    assert len(site.asked) == REMEMBERED + 1
    await robots.refuse("https://s0.example/", 3)
    assert len(site.asked) == REMEMBERED + 2


async def test_many_robots_before_many_rules_are_read_in_time_and_size_of_the_file():
    robots = "".join(f"User-agent: robot{number}\n" for number in range(2_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(2_000))
    ours = "User-agent: seed*wire\nUser-Agent *\n"
    text = concerning(f"{robots}{ours}{rules}\nuser agent: other\nAllow: /1\n", "Seedwire")
    agents = [line for line in text.splitlines() if line.startswith("User-agent")]
    assert set(agents) == {"User-agent: (another)", "User-agent: seedwire", "User-agent: *"}
    since = time.monotonic()
    site = Site((robots + rules + "User-agent: Seedwire\nDisallow: /x").encode())
    assert await site.robots().refuse("https://paper.example/x", 3)
    assert await site.robots().refuse("https://paper.example/1", 3) is None
    assert time.monotonic() - since < 5  # 15 s for each, and 260 MB, as it came


async def test_long_files_are_remembered_for_fewer_sites():
    site = Site(b"#" * BYTES)
    robots = site.robots()
    for number in range(9):
        await robots.refuse(f"https://{number}.example/", 3)
    await robots.refuse("https://8.example/", 3)
    assert len(site.asked) == 9
    await robots.refuse("https://0.example/", 3)
    assert len(site.asked) == 10


async def test_who_could_not_ask_for_the_file_has_spent_no_attempt_on_the_page():
    site = Site(Later("the host is busy with others of ours", 60, blames_host=False, counts=False))
    refusal = await site.robots().refuse("https://paper.example/", 3)
    assert isinstance(refusal, Later)
    assert not refusal.counts
