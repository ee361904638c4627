"""Several processes write the same things at once."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from shared.store import Store
from tests.contract.store.builders import a_first_write, a_parked_fetch

ROOT = Path(__file__).parents[3]
WRITERS = 6


def start_writer(job: str, url: str, number: int) -> subprocess.Popen[str]:
    """A writer that is ready and waits for a line on its standard input."""
    command = [sys.executable, "-m", "tests.contract.store.writers", job, url, str(number)]
    writer = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    return writer


def release(writer: subprocess.Popen[str]) -> None:
    """Let the writer begin."""
    assert writer.stdin is not None
    writer.stdin.write("go\n")
    writer.stdin.flush()


def race(job: str, url: str) -> list[str]:
    """All lines that the writers printed, one for each acknowledged write."""
    writers = [start_writer(job, url, number) for number in range(WRITERS)]
    for writer in writers:
        release(writer)
    lines: list[str] = []
    for writer in writers:
        lines += writer.communicate(timeout=240)[0].splitlines()
    assert [writer.returncode for writer in writers] == [0] * WRITERS
    return lines


@pytest.fixture
def empty(store: Store) -> Store:
    """The store is there before the writers start."""
    return store


async def test_an_alias_has_one_owner_and_every_claim_an_article(empty: Store, url: str):
    claims = [line.split() for line in race("claim", url)]
    assert len(claims) == WRITERS * 40
    claimed = {alias for _, *aliases in claims for alias in aliases}
    owners = await empty.articles.resolve_aliases(claimed)
    stored = await empty.articles.get(set(owners.values()))
    owners_by_aliases: dict[tuple[str, ...], set[str]] = {}
    for owner, *aliases in claims:
        assert owner in stored, "a claim that ended has its article"
        assert owners[min(aliases)] in stored
        owners_by_aliases.setdefault(tuple(aliases), set()).add(owner)
    for same in owners_by_aliases.values():
        assert len(same) == 1, "one set of aliases, two articles"


async def test_every_acknowledged_version_counts_once(empty: Store, url: str):
    await empty.articles.save([a_first_write("a1")])
    versions = [int(line) for line in race("count", url)]
    assert sorted(versions) == list(range(2, len(versions) + 2))
    assert (await empty.articles.get(["a1"]))["a1"].version == len(versions) + 1


async def test_every_parked_fetch_is_claimed_by_one(empty: Store, url: str):
    await empty.parked.park([a_parked_fetch(url=str(number)) for number in range(90)])
    claimed = Counter(race("take", url))
    assert claimed == Counter(str(number) for number in range(90))


async def test_the_same_picture_is_kept_once_and_whole(empty: Store, url: str):
    race("picture", url)
    assert await empty.pictures.counts() == {"cached": 20 * WRITERS, "failed": 0, "contents": 20}
    for number in range(20):
        assert await empty.picture_bytes.get(f"{number:064}") == b"picture %d" % number * 1000


async def test_revisions_have_no_gaps_and_no_doubles(empty: Store, url: str):
    stamps = [int(line) for line in race("decide", url)]
    unannounced = await empty.decisions.find_unannounced()
    numbers = [revision.number for revision in unannounced]
    assert sorted(stamps) == numbers == list(range(1, len(stamps) + 1))
    assert (await empty.decisions.get(["a1"]))["a1"].latest == unannounced[-1]
