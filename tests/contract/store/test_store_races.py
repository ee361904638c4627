"""Several processes write the same things at once."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from shared.store import Store
from tests.contract.store.build import a_piece, new

ROOT = Path(__file__).parents[3]
WRITERS = 6


def start(job: str, url: str, number: int) -> subprocess.Popen[str]:
    """A writer that is ready and waits for the word."""
    command = [sys.executable, "-m", "tests.contract.store.writers", job, url, str(number)]
    writer = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    return writer


def race(job: str, url: str) -> list[list[str]]:
    """What each writer said was acknowledged, line by line."""
    writers = [start(job, url, number) for number in range(WRITERS)]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    said = [writer.communicate(timeout=120)[0].splitlines() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * WRITERS
    return said


@pytest.fixture
def empty(store: Store) -> Store:
    """The store is there before the writers come."""
    return store


async def test_an_alias_has_one_owner_and_every_claim_an_article(empty: Store, url: str):
    lines = [line.split() for said in race("claim", url) for line in said]
    assert len(lines) == WRITERS * 40
    owners = await empty.articles.resolve({alias for _, *aliases in lines for alias in aliases})
    stored = await empty.articles.get(set(owners.values()))
    for owner, *aliases in lines:
        assert owner in stored, "a claim that ended has its article"
        assert owners[min(aliases)] in stored
    same: dict[tuple[str, ...], set[str]] = {}
    for owner, *aliases in lines:
        same.setdefault(tuple(aliases), set()).add(owner)
    assert all(len(answers) == 1 for answers in same.values()), "one set of aliases, two articles"


async def test_every_acknowledged_version_counts_once(empty: Store, url: str):
    await empty.articles.save([new("a1")])
    versions = [int(line) for said in race("count", url) for line in said]
    assert sorted(versions) == list(range(2, len(versions) + 2))
    assert (await empty.articles.get(["a1"]))["a1"].version == len(versions) + 1


async def test_every_piece_is_claimed_by_one(empty: Store, url: str):
    await empty.parked.park([a_piece(url=str(number)) for number in range(90)])
    taken = Counter(line for said in race("take", url) for line in said)
    assert taken == Counter(str(number) for number in range(90))


async def test_the_same_picture_is_kept_once_and_whole(empty: Store, url: str):
    race("picture", url)
    assert await empty.pictures.counts() == {"cached": 20 * WRITERS, "failed": 0, "contents": 20}
    for number in range(20):
        assert await empty.bytes.get(f"{number:064}") == b"picture %d" % number * 1000


async def test_revisions_have_no_gaps_and_no_doubles(empty: Store, url: str):
    stamps = [int(line) for said in race("decide", url) for line in said]
    due = await empty.decisions.due()
    assert sorted(stamps) == [item.revision for item in due] == list(range(1, len(stamps) + 1))
    assert (await empty.decisions.get(["a1"]))["a1"].latest == due[-1]
