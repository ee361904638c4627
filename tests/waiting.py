"""Waiting for what processes, containers, clusters and hosts do by themselves."""

import time
from collections.abc import Callable
from typing import Final

from tests.command_runner import CommandFailed

ANY_SECONDS: Final = 120  # until a process has done what it must do
WAIT_SECONDS: Final = 900.0  # until it is so; a machine that is busy with other tests takes long


def wait_until(
    is_so: Callable[[], bool], describe: Callable[[], object], seconds: float = WAIT_SECONDS
) -> None:
    """Ask every second, also after a command of *is_so* failed.

    Raises AssertionError after *seconds*, with what *describe* says or why the command failed.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            if is_so():
                return
        except CommandFailed as error:
            if time.monotonic() > deadline:
                raise AssertionError(str(error)) from error
        assert time.monotonic() < deadline, describe()
        time.sleep(1)
