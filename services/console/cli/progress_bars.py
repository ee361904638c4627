"""Progress bars on standard error, one for each step of a long-running command."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.console.cli.output import progress_console
from services.console.progress import ProgressCallback, ignore_progress

if TYPE_CHECKING:
    from rich.progress import TaskID


@contextmanager
def progress_bars() -> Iterator[ProgressCallback]:
    """Yield a callback that draws the bars. They disappear when the block ends.

    Draws nothing where standard error is no terminal.
    """
    if sys.stderr.isatty():
        with _bars_on_terminal() as report_progress:
            yield report_progress
    else:
        yield ignore_progress


@contextmanager
def _bars_on_terminal() -> Iterator[ProgressCallback]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    bars: dict[str, TaskID] = {}
    console = progress_console()
    is_terminal = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not is_terminal) as progress:

        def report_progress(step: str, done: int, total: int) -> None:
            if step not in bars:
                bars[step] = progress.add_task(step, total=total)
            progress.update(bars[step], completed=done, total=total)

        yield report_progress
