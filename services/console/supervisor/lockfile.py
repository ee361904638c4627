"""One process at a time, by a file that it holds."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import SeedwireError


@contextmanager
def locked(file: Path, taken: SeedwireError) -> Iterator[None]:
    """Hold *file* while the block runs, or raise *taken*. The lock ends with the process, however it ends."""
    with file.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise taken from error
        yield
