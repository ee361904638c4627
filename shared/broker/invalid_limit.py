"""The cap on invalid records: a bad deploy must not refuse everything before anyone looks."""

from collections import deque

from shared.errors import Halted
from shared.settings import Settings


class InvalidCap:
    """Counts refused records over a window of batches; raises Halted past a share, or past a row without a good one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._window: deque[tuple[int, int]] = deque()
        self._seen = 0
        self._refused = 0
        self._row = 0

    def observe(self, records: int, refused: int) -> None:
        """Count a batch of which *refused* were invalid. Raises Halted, and then the batch must not be committed."""
        self._row = self._row + refused if refused == records else 0
        self._window.append((records, refused))
        self._seen += records
        self._refused += refused
        while self._seen - self._window[0][0] >= self._settings.invalid_window:
            gone, gone_refused = self._window.popleft()
            self._seen -= gone
            self._refused -= gone_refused
        self._judge()

    def _judge(self) -> None:
        if self._row >= self._settings.invalid_in_row:
            raise Halted(
                f"{self._row} invalid records in a row: nothing was committed past the last good batch"
            )
        enough = self._seen >= self._settings.invalid_window
        if enough and self._refused > self._settings.invalid_share * self._seen:
            raise Halted(
                f"{self._refused} of the last {self._seen} records were invalid, more than "
                f"SEEDWIRE_INVALID_SHARE={self._settings.invalid_share:g} allows"
            )
