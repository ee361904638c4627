"""The circuit breaker of one host: after several failures in a row the host is left alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MAX_FAILURES: Final = 5  # in a row
FIRST_PAUSE_SECONDS: Final = 60.0  # doubled each time the host is still down
MAX_PAUSE_SECONDS: Final = 600.0


class CircuitBreaker:
    """Open after MAX_FAILURES; once its pause is over it is half open and lets one attempt through.

    *now* is in seconds that only grow.
    """

    def __init__(self) -> None:
        self.pause_seconds = FIRST_PAUSE_SECONDS
        self._failures = 0
        self._open_until = 0.0
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        return self._failures >= MAX_FAILURES

    def seconds_to_wait(self, now: float) -> float | None:
        """Until the next attempt may be made; None if it may be made now."""
        if not self.is_open:
            return None
        if now >= self._open_until and not self._is_probing:
            return None
        return max(1.0, self._open_until - now)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """While the attempt goes on at a host that is down, no other one is let through."""
        self._is_probing = self.is_open
        try:
            yield
        finally:
            self._is_probing = False  # also when the attempt was cancelled

    def record_success(self) -> None:
        self._failures = 0
        self.pause_seconds = FIRST_PAUSE_SECONDS
        self._is_probing = False

    def record_failure(self, now: float) -> None:
        self._failures += 1
        if self._is_probing:
            self.pause_seconds = min(2 * self.pause_seconds, MAX_PAUSE_SECONDS)
        self._is_probing = False
        self._open_until = now + self.pause_seconds
