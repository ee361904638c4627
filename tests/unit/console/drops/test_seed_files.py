"""Which files a command line names, and under which key each is dropped."""

import re
from pathlib import Path

import pytest

from services.console.actions.drops.check_seed import check_seed
from services.console.actions.drops.seed_files import find_seed_files, load_seed_file
from shared.clock import now
from shared.drops.seed import Seed
from shared.errors import SettingsError
from tests.opened_store import opened

README = Path(__file__).parents[4] / "README.md"

SEED = b"""---
title: "T"
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://www.paper.example/A/"
---
"""


def test_a_folder_is_searched_in_the_order_of_names(tmp_path: Path):
    for name in (
        "b.md",
        "a.md",
        "sub/c.markdown",
        "note.txt",
        ".hidden.md",
        ".git/d.md",
        "README.md",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(SEED)
    assert find_seed_files([str(tmp_path)]) == [
        tmp_path / name for name in ("a.md", "b.md", "sub/c.markdown")
    ]


def test_a_file_that_is_named_needs_no_suffix(tmp_path: Path):
    file = tmp_path / "seed.txt"
    file.write_bytes(SEED)
    assert find_seed_files([str(file), "-"]) == [file, None]
    assert load_seed_file(file) == Seed(str(file), SEED)


async def test_the_seed_that_the_readme_shows_is_taken_without_a_warning(tmp_path: Path):
    readme = README.read_text(encoding="utf-8")
    (seed,) = re.findall(r"```\n(---\n.*?)```", readme, re.DOTALL)
    async with opened(f"sqlite:///{tmp_path / 'seedwire.db'}") as store:
        check = await check_seed(seed.encode(), store, now())
    assert (check.is_valid, check.title, check.warnings) == (True, "A bridge reopens", ())


def test_a_path_that_does_not_exist_is_wrong_usage(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"gone\.md does not exist"):
        find_seed_files([str(tmp_path / "gone.md")])


def test_a_folder_without_seeds_is_wrong_usage(tmp_path: Path):
    with pytest.raises(SettingsError, match="no seed files in"):
        find_seed_files([str(tmp_path)])


def test_spellings_of_one_url_have_one_key():
    other = SEED.replace(b"www.paper.example/A/", b"Paper.example:443/a?utm_source=x")
    assert Seed("x", SEED).key == Seed("y", other).key == b"paper.example/a"


def test_the_key_of_a_broken_seed_is_its_path():
    assert Seed("broken.md", b"nothing").key == b"broken.md"
