"""Audits a newsroom once nothing is left to do in it."""

import time
from collections.abc import Callable


def audit_when_settled(seedwire: Callable[..., str], seconds: float) -> None:
    """Wait until nothing is pending, for *seconds* at most; then no promise may be broken.

    *seedwire* runs the command, returns what it printed, and raises if its exit code is not 0, so a
    breach fails at once. After a wait a picture that was parked may be fetched once more, and its
    article published anew. That is waited for as well.
    """
    deadline = time.monotonic() + seconds
    while True:
        seedwire("wait", "--timeout", f"{seconds:.0f}")
        report = seedwire("audit", "--while-running")
        if "pending" not in report:
            return
        assert time.monotonic() < deadline, report
