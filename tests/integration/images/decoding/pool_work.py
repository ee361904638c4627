"""Work for the processes of a decoding pool."""

import os
import signal
import time


def count_bytes(content: bytes) -> int:
    return len(content)


def process_id(content: bytes) -> int:
    return os.getpid()


def fail(content: bytes) -> int:
    raise ValueError(content.decode())


def crash(content: bytes) -> int:
    os.kill(os.getpid(), signal.SIGSEGV)
    return 0


def loop(content: bytes) -> int:
    while True:
        time.sleep(0.01)


def allocate_too_much(content: bytes) -> int:
    return len(bytearray(4 * 2**30))


def nap(content: bytes) -> int:
    time.sleep(1)
    return os.getpid()


def kill_worker(content: bytes) -> int:
    """As the system does when a container has no memory left."""
    if content == b"bomb":
        time.sleep(0.5)  # what is decoded beside it has begun by then
        os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(2)
    return len(content)
