"""What commands print: rich on a terminal, plain text in a pipe, JSON lines for scripts.

All text passes through `to_visible_text`, because titles, paths and errors come from outside: a
control character in them would reach the terminal, and rich would read `[red]` as markup. Rich is
imported where it is used: that takes a fifth of the CPU of a command that prints plain text.
"""

import json
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from shared.visible_text import HIDDEN, is_visible, make_lines_visible, make_visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status
    from rich.text import Text

LINES_AT_ONCE: Final = 500  # of a long table
PLAIN_WIDTH: Final = 160  # columns of a table in a pipe, where no terminal folds it

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for scripts.")]


def to_visible_text(value: object) -> "Text":
    """The value as one line that rich prints as it is, with control characters as escapes."""
    from rich.text import Text

    return Text("" if value is None else make_visible(str(value)))


def output_console() -> "Console":
    """Standard output. In a pipe it has neither colours nor lines folded at 80 columns."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    return Console(highlight=False, emoji=False, width=width, soft_wrap=False)


def progress_console() -> "Console":
    """Standard error: progress goes there, so that output can be piped."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, emoji=False)


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on a line of its own. Integers of any size keep their digits.

    Hidden characters are written as JSON escapes. Many programs that read lines also part them at
    U+0085, U+2028 and U+2029, and a terminal obeys U+009B.
    """
    text = json.dumps(value, ensure_ascii=False)
    sys.stdout.write(HIDDEN.sub(_escape_for_json, text) + "\n")
    sys.stdout.flush()


def print_line(text: str = "") -> None:
    """Print one line; a line feed inside the text is shown as an escape, too."""
    sys.stdout.write(f"{make_visible(text)}\n")
    sys.stdout.flush()  # whoever follows the output sees the line now


def print_lines(lines: Iterable[str]) -> None:
    """Print each on a line of its own."""
    for line in lines:
        print_line(line)


def print_note(text: str) -> None:
    """Print a line to standard error that reports no error."""
    sys.stderr.write(f"{make_visible(text)}\n")


def print_error(text: str) -> None:
    """Print a line to standard error."""
    print_note(f"seedwire: {text}")


def print_traceback(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print an error that nothing handled. It may quote text from outside."""
    text = "".join(traceback.format_exception(kind, error, trace))
    sys.stderr.write(make_lines_visible(text))


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None
) -> None:
    """Print a table, or nothing if there are no rows.

    A column whose name ends in `#` holds numbers and is aligned to the right.
    """
    from rich.table import Table

    table = Table(
        title=to_visible_text(title) if title else None,
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="bold",
        title_style="bold",
    )
    for name in columns:
        justify = "right" if name.endswith("#") else "left"
        table.add_column(name.rstrip("#"), justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        table.add_row(*map(to_visible_text, row))
    if table.row_count:
        output_console().print(table)


def print_rows(
    columns: Sequence[str], widths: Sequence[int], rows: Iterable[tuple[object, ...]]
) -> None:
    """Print a table of any length at once, or nothing if there are no rows.

    A column is as wide as its name, or as *widths* says; longer values are not cut. A column whose
    name ends in `#` holds numbers and is aligned to the right. Unlike `print_table` it does not
    look at all rows before the first, and it takes a hundredth of the time.
    """
    formats = []
    for name, width in zip(columns, widths, strict=True):
        side = "" if name.endswith("#") else "-"
        formats.append(f"%{side}{max(width, len(name.rstrip('#')))}s")
    line = "  ".join(formats)
    header = line % tuple(name.rstrip("#") for name in columns)
    remaining = iter(rows)
    lines = [header]
    while block := [*islice(remaining, LINES_AT_ONCE)]:
        for row in block:
            values = _blank_missing(row) if None in row else row
            lines.append(line % values)
        _write_lines(lines)
        lines.clear()


def _write_lines(lines: Iterable[str]) -> None:
    stripped = [line.rstrip(" ") for line in lines]
    if not is_visible("".join(stripped)):
        stripped = [make_visible(line) for line in stripped]
    sys.stdout.write("\n".join([*stripped, ""]))


def _blank_missing(row: tuple[object, ...]) -> tuple[object, ...]:
    return tuple("" if value is None else value for value in row)


@contextmanager
def show_status(text: str) -> Iterator["StatusLine"]:
    """Show on standard error what the command waits for, while the block runs."""
    with progress_console().status(to_visible_text(text)) as status:
        yield StatusLine(status)


class StatusLine:
    """The line of `show_status`."""

    def __init__(self, status: "Status") -> None:
        self._status = status

    def update(self, text: str) -> None:
        self._status.update(to_visible_text(text))


def format_value(value: object) -> str:
    """Text and numbers as they are, other values as JSON."""
    if isinstance(value, str | int):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _escape_for_json(match: re.Match[str]) -> str:
    """The character as a JSON escape: two for a character beyond U+FFFF."""
    return json.dumps(match[0])[1:-1]
