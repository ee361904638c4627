"""How long-running work reports its progress. The command line shows it as bars."""

from collections.abc import Callable

ProgressCallback = Callable[[str, int, int], object]
"""Called with the name of a step, how much of it is done, and how much there is in all."""


def ignore_progress(step: str, done: int, total: int) -> None:
    """The callback for callers that show no progress."""
