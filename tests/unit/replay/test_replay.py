"""`seedwire replay`: what is promoted is what was shown."""

import pytest

from services.console.cli.checks.replay import describe_promotion, replay
from services.console.replay.shadow_dir import ShadowDir
from shared.errors import SettingsError


def test_of_two_replays_in_one_state_directory_the_second_must_wait(tmp_path):
    with (
        ShadowDir(tmp_path).lock(),
        pytest.raises(SettingsError, match="another"),
        ShadowDir(tmp_path).lock(),
    ):
        pass
    with ShadowDir(tmp_path).lock():
        pass


def test_a_promotion_that_was_cut_short_is_finished_before_anything_else(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDWIRE_HOME", str(tmp_path))
    (tmp_path / "shadow").mkdir()
    ShadowDir(tmp_path).promoting_file.touch()
    with pytest.raises(SettingsError, match="cut short"):
        replay(discard=True)
    with pytest.raises(SettingsError, match="cut short"):
        replay(rules=tmp_path / "rules.toml", shadow=True)
    assert ShadowDir(tmp_path).promoting_file.exists()


def test_a_promotion_says_what_its_rules_do_not_change():
    sentence = describe_promotion(1)
    assert "a variable in its environment takes precedence over them" in sentence
    assert "; 1 article will be linked and decided again" in sentence
