"""Which files a command line names, and under which key each is dropped."""

from pathlib import Path

import pytest

from services.console.actions.seed_files import SeedFile, collect, load
from shared.errors import SettingsError

SEED = b'---\ntitle: "T"\npublishedDateTime: 2026-03-02T10:00:00Z\nwebUrl: "https://www.paper.example/A/"\n---\n'


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
    assert collect([str(tmp_path)]) == [
        tmp_path / name for name in ("a.md", "b.md", "sub/c.markdown")
    ]


def test_a_named_file_is_taken_whatever_its_name(tmp_path: Path):
    file = tmp_path / "seed.txt"
    file.write_bytes(SEED)
    assert collect([str(file), "-"]) == [file, None]
    assert load(file) == SeedFile(str(file), SEED)


def test_a_path_that_is_not_there_is_wrong_usage(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"gone\.md is not there"):
        collect([str(tmp_path / "gone.md")])


def test_a_folder_without_seeds_is_wrong_usage(tmp_path: Path):
    with pytest.raises(SettingsError, match="no seed files in"):
        collect([str(tmp_path)])


def test_spellings_of_one_address_have_one_key():
    other = SEED.replace(b"www.paper.example/A/", b"paper.example/a")
    assert SeedFile("x", SEED).key == SeedFile("y", other).key == b"paper.example/a"


def test_a_broken_seed_has_its_path_for_a_key():
    assert SeedFile("broken.md", b"nothing").key == b"broken.md"
