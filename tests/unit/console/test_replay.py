"""`seedwire replay`: what is promoted is what was shown."""

import pytest

from services.console.replay import alone
from shared.errors import SettingsError


def test_of_two_replays_in_one_home_the_second_is_told_to_wait(tmp_path):
    with alone(tmp_path / "shadow"), pytest.raises(SettingsError, match="another"), alone(tmp_path / "shadow"):
        pass
    with alone(tmp_path / "shadow"):
        pass
