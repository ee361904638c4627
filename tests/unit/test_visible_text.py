"""Characters that a terminal does not show, or that steer it, are shown as escapes."""

import sys
import unicodedata

import pytest

from shared.visible_text import make_lines_visible, make_visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("a\x00\x7f\x85", "a\\x00\\x7f\\x85"),
        ("two\r\nlines\tand a tab", "two\\r\\nlines\\tand a tab"),
        ("abc\u202egpj.exe", "abc\\u202egpj.exe"),
        ("\u2066\u2069\u200b\u200d\ufeff\xad", "\\u2066\\u2069\\u200b\\u200d\\ufeff\\xad"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\U000e0041", "\\U000e0041"),
        ("name-\udcff.md", "name-\\udcff.md"),
    ],
)
def test_hidden_characters_are_shown_as_escapes(text: str, shown: str):
    assert make_visible(text) == shown


@pytest.mark.parametrize(
    "text", ["", "plain", "Größe: 5 € [bold]", "你好 ❤\ufe0f 👍", "a\\x1bb", "a\u00a0b"]
)
def test_what_a_terminal_shows_stays(text: str):
    assert make_visible(text) == text


def test_every_control_format_and_separator_character_is_hidden():
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            shown = make_visible(character)
            assert shown.startswith("\\"), hex(code)
            assert make_visible(shown) == shown


def test_line_feeds_of_our_own_stay():
    assert make_lines_visible("Traceback:\n  \x1b[2J\r\n") == "Traceback:\n  \\x1b[2J\\r\n"
