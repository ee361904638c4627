"""Makes invisible characters visible, so that text from outside cannot steer a terminal or a log.

A title may contain escape sequences that move the cursor or set the clipboard, bidi controls that
show it in another order than it is stored, or characters without any width. Every place that shows
such text to a person shows these characters as escapes: `\\x1b`, `\\u202e`, `\\U000e0041`.
"""

import re
from typing import Final

# The categories Cc, Cf, Cs, Zl and Zp of Unicode, and what else Unicode calls default ignorable.
# The variation selectors U+FE0E and U+FE0F stay, because most emoji are followed by one. The ranges
# are written out because searching all of Unicode for them takes 0.14 s at every start.
HIDDEN_RANGES: Final = (
    "\\x00-\\x1f\\x7f-\\x9f\\xad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2"
    "\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f"
    "\\u3164\\ud800-\\udfff\\ufe00-\\ufe0d\\ufeff\\uffa0\\ufff0-\\ufffb\\U000110bd\\U000110cd"
    "\\U00013430-\\U0001343f\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff"
)
HIDDEN: Final = re.compile(f"[{HIDDEN_RANGES}]")
_HIDDEN_BUT_BREAKS: Final = re.compile(f"(?!\\n)[{HIDDEN_RANGES}]")
_NAMES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def make_visible(text: str) -> str:
    """The text on one line, with every character that a terminal would not show as an escape."""
    if is_visible(text):
        return text
    return HIDDEN.sub(_escape, text)


def is_visible(text: str) -> bool:
    """Whether it is certain at a glance that `make_visible` changes nothing: of nearly every line.

    Ten times as fast as to look for what is hidden.
    """
    return text.isascii() and text.isprintable()


def make_lines_visible(text: str) -> str:
    """The same for text whose line feeds are our own, such as a traceback: these stay."""
    return _HIDDEN_BUT_BREAKS.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if character in _NAMES:
        return _NAMES[character]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    return f"\\U{code:08x}"
