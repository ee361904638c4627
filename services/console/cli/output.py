"""What the command prints: rich on a terminal, plain when piped, one JSON object a line for scripts."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

PLAIN_WIDTH = 160  # of piped tables: nobody folds them

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for scripts.")]


def console() -> Console:
    """Standard output. A pipe gets neither colours nor line folding at 80."""
    return Console(
        highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH, soft_wrap=False
    )


def progress_console() -> Console:
    """Standard error: progress goes there, so that output can be piped."""
    return Console(stderr=True, highlight=False)


def emit(value: Mapping[str, Any]) -> None:
    """One JSON object on a line of its own. Whole numbers of any size keep their digits."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """A line of text, as it is: no markup is read out of an article's title."""
    console().print(text, markup=False, soft_wrap=True)


def note(text: str) -> None:
    """A line on standard error that is no complaint."""
    progress_console().print(text, markup=False, soft_wrap=True)


def complain(text: str) -> None:
    """A line on standard error."""
    Console(stderr=True, highlight=False).print(f"seedwire: {text}", markup=False, soft_wrap=True)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None
) -> None:
    """A table; nothing at all without rows. Columns whose name ends in `#` are numbers, set to the right."""
    kept = [[_cell(value) for value in row] for row in rows]
    if not kept:
        return
    drawn = Table(
        title=title,
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="bold",
        title_style="bold",
    )
    for name in columns:
        drawn.add_column(
            name.rstrip("#"), justify="right" if name.endswith("#") else "left", overflow="fold"
        )
    for cells in kept:
        drawn.add_row(*cells)
    console().print(drawn)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text.replace("[", "\\[")
