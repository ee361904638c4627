"""Waiting for what a cluster does by itself."""

import time
from collections.abc import Callable
from typing import Final

WAIT_SECONDS: Final = 900.0  # until it is so; a busy machine takes long


def wait_until(
    is_so: Callable[[], bool], describe: Callable[[], str], seconds: float = WAIT_SECONDS
) -> None:
    """Ask every second. Raises AssertionError with what *describe* says after *seconds*."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, describe()
        time.sleep(1)
