"""How much memory a process keeps that it no longer uses."""

import ctypes
import gc
from collections.abc import Callable
from typing import Final

# Parameters of glibc's mallopt, from <malloc.h>.
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
_LARGE_BYTES: Final = 128 * 1024
_GARBAGE_THRESHOLD: Final = 50_000  # objects; Python's own is 700


def collect_garbage_rarely() -> None:
    """Look for reference cycles after many new objects only.

    Most objects of a batch die with it, and looking through them again and again takes a tenth of
    the CPU. Not for a process that holds pictures: those of a cycle would stay for longer, too.
    """
    gc.set_threshold(_GARBAGE_THRESHOLD)


def limit_free_memory() -> None:
    """Have the allocator return large blocks to the system as soon as they are freed.

    By default glibc raises its limits with the size of the blocks that a process frees, and keeps
    free memory for each thread: in linking that is a fifth of the process. Other C libraries have
    no such setting and are left alone.
    """
    tune = _find_function("mallopt")
    if tune is None:
        return
    tune(_MMAP_THRESHOLD, _LARGE_BYTES)
    tune(_TRIM_THRESHOLD, _LARGE_BYTES)
    tune(_ARENA_MAX, 2)


def release_free_memory() -> None:
    """Return to the system what the allocator keeps of small blocks that were freed.

    For the moment before a large computation: that takes large blocks, which need new memory. It
    takes some milliseconds.
    """
    trim = _find_function("malloc_trim")
    if trim is not None:
        trim(0)


def _find_function(name: str) -> Callable[..., int] | None:
    """A function of glibc; None with another C library."""
    return getattr(ctypes.CDLL(None), name, None)
