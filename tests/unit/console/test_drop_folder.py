"""The drop folder: no file is lost or written over."""

import tempfile
from pathlib import Path

import pytest

from services.console.actions.drop import Receipt
from services.console.actions.drop_folder import DropFolder
from services.console.cli.drop import line
from shared.errors import SettingsError

ACCEPTED = Receipt("a.md", "accepted", "a1")
REJECTED = Receipt(
    "a.md", "rejected", None, ({"field": "title", "line": 3, "message": "Expected a title."},)
)


@pytest.fixture
def folder(tmp_path):
    made = DropFolder(tmp_path / "in", tmp_path / "done", tmp_path / "failed")
    made.make()
    return made


def arrive(folder, name, text):
    (folder.folder / name).write_text(text)
    return folder.folder / name


def test_hidden_and_other_files_are_left_alone(folder):
    arrive(folder, ".a.md", "half")
    arrive(folder, "a.md.part", "half")
    arrive(folder, "a.md", "whole")
    assert list(folder.arrivals()) == [folder.folder / "a.md"]


def test_links_are_left_alone(folder):
    (folder.folder.parent / "real.md").write_text("text")
    (folder.folder / "link.md").symlink_to("../real.md")
    assert not folder.arrivals()


def test_an_arrival_that_grows_is_another(folder):
    file = arrive(folder, "a.md", "one")
    before = folder.arrivals()[file]
    arrive(folder, "a.md", "one two")
    assert folder.arrivals()[file] != before


def test_what_was_taken_is_found_after_a_crash(folder):
    taken = folder.take(arrive(folder, "a.md", "text"))
    again = DropFolder(folder.folder, folder.done, folder.failed)
    assert again.left_behind() == [taken]
    assert not again.arrivals()


def test_a_folder_is_watched_by_one(folder):
    with folder.held(), pytest.raises(SettingsError, match="already"), folder.held():
        pass
    with folder.held():
        assert folder.left_behind() == []


def test_a_file_that_was_taken_back_is_not_taken(folder):
    file = arrive(folder, "a.md", "text")
    file.unlink()
    assert folder.take(file) is None


def test_answered_files_never_come_in_again(folder):
    own = DropFolder(folder.folder, folder.folder, folder.failed)
    with pytest.raises(SettingsError, match="the drop folder itself"), own.held():
        pass


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_a_folder_on_another_file_system_is_refused_before_anything_is_dropped(folder):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        away = DropFolder(folder.folder, Path(elsewhere), folder.failed)
        with pytest.raises(SettingsError, match="another file system"), away.held():
            pass


def test_an_answered_file_is_done(folder):
    taken = folder.take(arrive(folder, "a.md", "text"))
    assert folder.settle(taken, ACCEPTED).read_text() == "text"
    assert [file.name for file in folder.done.iterdir()] == ["a.md"]
    assert not folder.left_behind()


def test_a_rejected_file_has_its_reason_beside_it(folder):
    taken = folder.take(arrive(folder, "a.md", "text"))
    assert folder.settle(taken, REJECTED).read_text() == "text"
    assert "title (line 3): Expected a title." in (folder.failed / "a.md.reason.txt").read_text()


def test_files_of_one_name_are_all_kept(folder):
    for text in ("one", "two", "three"):
        folder.settle(folder.take(arrive(folder, "a.md", text)), ACCEPTED)
    assert {file.name: file.read_text() for file in folder.done.iterdir()} == {
        "a.md": "one",
        "a-2.md": "two",
        "a-3.md": "three",
    }
    for text in ("four", "five"):
        folder.settle(folder.take(arrive(folder, "a.md", text)), REJECTED)
    names = {file.name for file in folder.failed.iterdir()}
    assert names == {"a.md", "a.md.reason.txt", "a-2.md", "a-2.md.reason.txt"}


def test_where_a_file_went_is_said_beside_its_name_and_not_behind_its_last_fault(folder):
    first, fault = line(REJECTED, folder.failed / "a.md").splitlines()
    assert first.endswith(f"a.md -> {folder.failed / 'a.md'}")
    assert fault.endswith("Expected a title.")
