"""How much memory a process keeps that it no longer uses."""

import ctypes
from typing import Final

# Parameters of glibc's mallopt, from <malloc.h>.
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
_LARGE_BYTES: Final = 128 * 1024


def limit_free_memory() -> None:
    """Have the allocator return large blocks to the system as soon as they are freed.

    By default glibc raises its limits with the size of the blocks that a process frees, and keeps
    free memory for each thread: in linking that is a fifth of the process. Other C libraries have
    no such setting and are left alone.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is None:
        return
    tune(_MMAP_THRESHOLD, _LARGE_BYTES)
    tune(_TRIM_THRESHOLD, _LARGE_BYTES)
    tune(_ARENA_MAX, 2)
