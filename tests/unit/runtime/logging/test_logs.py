"""A log line stays one line, and shows what a terminal would obey."""

import logging
import sys

from shared.runtime.logging.logs import VisibleFormatter


def format_entry(message: str, *values: object, exc_info: bool = False) -> str:
    error = sys.exc_info() if exc_info else None
    record = logging.LogRecord("broker", logging.WARNING, "x.py", 1, message, values, error)
    return VisibleFormatter("%(levelname)s %(message)s").format(record)


def test_control_characters_and_line_feeds_of_outside_text_are_shown():
    entry = format_entry("rejected %s", "a.md\nERROR \x1b[2J\u202e")
    assert entry == "WARNING rejected a.md\\nERROR \\x1b[2J\\u202e"


def test_a_traceback_keeps_its_lines():
    try:
        raise ValueError("\x1b]0;title\x07")
    except ValueError:
        entry = format_entry("failed", exc_info=True)
    assert entry.startswith("WARNING failed\nTraceback")
    assert entry.endswith("ValueError: \\x1b]0;title\\x07")
