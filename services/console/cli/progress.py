"""Progress bars on standard error, one for each step of a long-running command."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from services.console.cli.output import progress_console
from services.console.progress import ProgressCallback


@contextmanager
def progress_bars() -> Iterator[ProgressCallback]:
    """Yield a callback that draws the bars. They disappear when the block ends.

    Draws nothing where standard error is no terminal.
    """
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
