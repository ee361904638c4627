"""The token of web, from where it may be set."""

from pathlib import Path
from typing import Any

import pytest

from services.web.settings import WebSettings
from shared.errors import SettingsError
from shared.settings import load_settings

TOKEN = "sixteen letters!"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    def load(**variables: str) -> WebSettings:
        for name, value in variables.items():
            monkeypatch.setenv(f"SEEDWIRE_{name}", value)
        return load_settings(WebSettings)

    return load


def test_there_is_none_by_default(load: Any):
    assert load().token == ""


def test_it_is_set_or_in_a_file(load: Any, tmp_path: Path):
    assert load(WEB_TOKEN=TOKEN).token == TOKEN
    assert TOKEN not in repr(load())


def test_a_file_may_end_with_a_line_feed(load: Any, tmp_path: Path):
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    assert load(WEB_TOKEN_FILE=str(file)).token == TOKEN


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"WEB_TOKEN": "short"}, "at least 16"),
        ({"WEB_TOKEN_FILE": "/nowhere/token"}, "there is no file"),
        ({"WEB_TOKEN": TOKEN, "WEB_TOKEN_FILE": "/nowhere/token"}, "both set"),
        ({"WEB_URL": "news.example"}, "WEB_URL"),
        ({"WEB_URL": "https://news.example/"}, "WEB_URL"),
    ],
)
def test_a_wrong_setting_is_told(load: Any, variables: dict[str, str], sentence: str):
    with pytest.raises(SettingsError, match=sentence) as raised:
        load(**variables)
    assert TOKEN not in str(raised.value)
