"""Rules in TOML, YAML and .env files; errors name their line."""

import pytest

from services.console.replay.rules_file import load_rules, parse_rules
from shared.errors import SettingsError


@pytest.mark.parametrize(
    "text",
    [
        "# stricter\npublish_at = 80\n\nrelated_window_days = 3.5  # days\n",
        "---\npublish_at: 80\nrelated_window_days: '3.5'\n",
        'SEEDWIRE_PUBLISH_AT=80\nexport SEEDWIRE_RELATED_WINDOW_DAYS="3.5" # days\n',
        "\ufeffpublish-at = 80\r\nrelated-window-days = 3.5\r\n",
    ],
)
def test_all_three_formats_give_the_same_rules(text: str):
    assert parse_rules(text, "rules") == {"publish_at": "80", "related_window_days": "3.5"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "\npublish_att = 80",
            "rules, line 2: expected a rule such as publish_at = 80, not 'publish_att'; "
            "did you mean",
        ),
        (
            "publish_at = 80\npublish_at = 81",
            "rules, line 2: publish_at was already set in line 1",
        ),
        (
            "publish_margin = -1",
            "rules, line 1: publish_margin Input should be greater than or equal to 0",
        ),
        ("publish_at = high", "rules, line 1: publish_at Input should be a valid integer"),
        ("what is this", "rules, line 1: expected a rule"),
        ("store = sqlite:///x", "rules, line 1: expected a rule"),
        ("publish_sweep_seconds = 3", "rules, line 1: expected a rule"),
        ("# nothing", "rules has no rules"),
    ],
)
def test_an_error_names_its_line(text: str, fault: str):
    with pytest.raises(SettingsError) as raised:
        parse_rules(text, "rules")
    assert fault in str(raised.value)


def test_all_errors_are_reported_at_once():
    with pytest.raises(SettingsError, match=r"line 1.*line 2"):
        parse_rules("one = 1\ntwo = 2", "rules")


def test_a_missing_file_is_reported_without_an_error_number(tmp_path):
    with pytest.raises(
        SettingsError, match=r"rules.toml cannot be read: No such file or directory$"
    ):
        load_rules(tmp_path / "rules.toml")
