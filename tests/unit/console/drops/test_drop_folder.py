"""The drop folder: no file is lost or overwritten."""

import tempfile
from pathlib import Path

import pytest

from services.console.actions.drops.drop_folder import DropFolder
from shared.drops.receipt import Receipt
from shared.errors import SettingsError

ACCEPTED = Receipt("a.md", "accepted", "a1")
FAULT = {"field": "title", "line": 3, "message": "Expected a title."}
REJECTED = Receipt("a.md", "rejected", None, (FAULT,))


@pytest.fixture
def folder(tmp_path):
    drop_folder = DropFolder(tmp_path / "in", tmp_path / "done", tmp_path / "failed")
    drop_folder.create()
    return drop_folder


def add_file(folder, name, text):
    (folder.folder / name).write_text(text)
    return folder.folder / name


def test_hidden_and_other_files_stay(folder):
    add_file(folder, ".a.md", "half")
    add_file(folder, "a.md.part", "half")
    add_file(folder, "a.md", "whole")
    assert list(folder.list_arrivals()) == [folder.folder / "a.md"]


def test_links_stay(folder):
    (folder.folder.parent / "real.md").write_text("text")
    (folder.folder / "link.md").symlink_to("../real.md")
    assert not folder.list_arrivals()


def test_a_file_that_grows_is_another_version(folder):
    file = add_file(folder, "a.md", "one")
    before = folder.list_arrivals()[file]
    add_file(folder, "a.md", "one two")
    assert folder.list_arrivals()[file] != before


def test_a_taken_file_is_found_after_a_crash(folder):
    taken = folder.take(add_file(folder, "a.md", "text"))
    restarted = DropFolder(folder.folder, folder.done, folder.failed)
    assert restarted.list_taken() == [taken]
    assert not restarted.list_arrivals()


def test_a_folder_is_watched_by_one_process(folder):
    with folder.hold(), pytest.raises(SettingsError, match="already"), folder.hold():
        pass
    with folder.hold():
        assert folder.list_taken() == []


def test_a_file_that_is_gone_is_not_taken(folder):
    file = add_file(folder, "a.md", "text")
    file.unlink()
    assert folder.take(file) is None


def test_answered_files_never_arrive_again(folder):
    looping = DropFolder(folder.folder, folder.folder, folder.failed)
    with pytest.raises(SettingsError, match="the drop folder itself"), looping.hold():
        pass


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_a_folder_on_another_file_system_is_refused_before_anything_is_dropped(folder):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        split = DropFolder(folder.folder, Path(elsewhere), folder.failed)
        with pytest.raises(SettingsError, match="another file system"), split.hold():
            pass


def test_an_answered_file_moves_to_done(folder):
    taken = folder.take(add_file(folder, "a.md", "text"))
    assert folder.move_answered(taken, ACCEPTED).read_text() == "text"
    assert [file.name for file in folder.done.iterdir()] == ["a.md"]
    assert not folder.list_taken()


def test_the_reason_shows_control_characters_as_text(folder):
    taken = folder.take(add_file(folder, "a.md", "text"))
    folder.move_answered(taken, Receipt("\x1b[2J\udcff.md", "rejected", None, (FAULT,)))
    reason = (folder.failed / "a.md.reason.txt").read_text()
    assert "\\x1b[2J\\udcff.md\n" in reason


def test_a_rejected_file_has_its_reason_beside_it(folder):
    taken = folder.take(add_file(folder, "a.md", "text"))
    assert folder.move_answered(taken, REJECTED).read_text() == "text"
    assert "title (line 3): Expected a title." in (folder.failed / "a.md.reason.txt").read_text()


def test_files_of_one_name_are_all_kept(folder):
    for text in ("one", "two", "three"):
        folder.move_answered(folder.take(add_file(folder, "a.md", text)), ACCEPTED)
    assert {file.name: file.read_text() for file in folder.done.iterdir()} == {
        "a.md": "one",
        "a-2.md": "two",
        "a-3.md": "three",
    }
    for text in ("four", "five"):
        folder.move_answered(folder.take(add_file(folder, "a.md", text)), REJECTED)
    names = {file.name for file in folder.failed.iterdir()}
    assert names == {"a.md", "a.md.reason.txt", "a-2.md", "a-2.md.reason.txt"}
