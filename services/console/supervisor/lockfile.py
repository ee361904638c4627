"""A lock file: at most one process holds it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import SeedwireError


@contextmanager
def hold_lock(file: Path, error_if_held: SeedwireError) -> Iterator[None]:
    """Hold a lock on *file* while the block runs, or raise *error_if_held* if it is held already.

    Does not wait. The operating system releases the lock when the process ends, however it ends.
    """
    with file.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise error_if_held from error
        yield
