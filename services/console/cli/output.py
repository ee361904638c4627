"""What commands print: rich on a terminal, plain text in a pipe, JSON lines for scripts."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

PLAIN_WIDTH: Final = 160  # columns of a table in a pipe, where no terminal folds it

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for scripts.")]


def output_console() -> Console:
    """Standard output. In a pipe it has neither colours nor lines folded at 80 columns."""
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    return Console(highlight=False, width=width, soft_wrap=False)


def progress_console() -> Console:
    """Standard error: progress goes there, so that output can be piped."""
    return Console(stderr=True, highlight=False)


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on a line of its own. Integers of any size keep their digits."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_line(text: str) -> None:
    """Print the text as it is: an article's title is never read as markup."""
    output_console().print(text, markup=False, soft_wrap=True)


def print_note(text: str) -> None:
    """Print a line to standard error that reports no error."""
    progress_console().print(text, markup=False, soft_wrap=True)


def print_error(text: str) -> None:
    """Print a line to standard error."""
    print_note(f"seedwire: {text}")


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None
) -> None:
    """Print a table, or nothing if there are no rows.

    A column whose name ends in `#` holds numbers and is aligned to the right.
    """
    table = Table(
        title=title,
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
        table.add_row(*[_format_cell(value) for value in row])
    if table.row_count:
        output_console().print(table)


def format_value(value: object) -> str:
    """Text and numbers as they are, other values as JSON."""
    if isinstance(value, str | int):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _format_cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text.replace("[", "\\[")
