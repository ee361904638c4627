"""Where the console is reached, and by whom."""

import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.console.web.security.token_file import load_token
from services.console.web.settings import TOKEN_FILE, ConsoleSettings

TOKEN = "a token for these tests"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_on_loopback_no_token_has_to_be_set(host: str):
    assert ConsoleSettings(console_host=host).is_loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "desk.example", ""])
def test_beyond_it_one_must_be(host: str):
    with pytest.raises(ValidationError, match="reached from other machines"):
        ConsoleSettings(console_host=host)
    assert not ConsoleSettings(console_host=host, console_token=TOKEN).is_loopback


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"console_token": "short"}, "at least 16 characters"),
        ({"console_identity_header": "X-User"}, "needs SEEDWIRE_CONSOLE_TRUSTED_PROXIES"),
        (
            {"console_identity_header": "X-User", "console_trusted_proxies": "somewhere"},
            "does not appear to be",
        ),
        ({"console_token_file": "/nowhere"}, "cannot be read"),
        ({"console_identity_header": "X User"}, "pattern"),
    ],
)
def test_settings_that_do_not_fit_are_refused(fields: dict[str, Any], sentence: str):
    with pytest.raises(ValidationError, match=sentence):
        ConsoleSettings(**fields)


def test_a_token_is_made_once_and_for_its_owner_alone(tmp_path: Path):
    settings = ConsoleSettings(home=tmp_path)
    token = load_token(settings)
    assert len(token) >= 32
    assert load_token(settings) == token
    assert stat.S_IMODE((tmp_path / TOKEN_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [TOKEN_FILE]


def test_a_token_that_is_set_is_not_written_anywhere(tmp_path: Path):
    assert load_token(ConsoleSettings(home=tmp_path, console_token=TOKEN)) == TOKEN
    assert [*tmp_path.iterdir()] == []


def test_behind_a_proxy_there_is_no_token(tmp_path: Path):
    settings = ConsoleSettings(
        home=tmp_path, console_identity_header="X-User", console_trusted_proxies="10.0.0.0/8"
    )
    assert load_token(settings) == ""
