"""`seedwire replay`: what is promoted is what was shown."""

import pytest

from services.console.cli.replay import PROMOTING, alone, replay
from shared.errors import SettingsError


def test_of_two_replays_in_one_home_the_second_is_told_to_wait(tmp_path):
    with (
        alone(tmp_path / "shadow"),
        pytest.raises(SettingsError, match="another"),
        alone(tmp_path / "shadow"),
    ):
        pass
    with alone(tmp_path / "shadow"):
        pass


def test_a_promotion_that_was_cut_short_is_finished_before_anything_else(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDWIRE_HOME", str(tmp_path))
    (tmp_path / "shadow").mkdir()
    (tmp_path / "shadow" / PROMOTING).touch()
    with pytest.raises(SettingsError, match="cut short"):
        replay(discard=True)
    with pytest.raises(SettingsError, match="cut short"):
        replay(rules=tmp_path / "rules.toml", shadow=True)
    assert (tmp_path / "shadow" / PROMOTING).exists()
