"""The limit on invalid records: a bad deploy must not reject everything before anyone looks."""

from collections import deque

from shared.errors import ProcessingHalted
from shared.settings import Settings


class InvalidRecordLimit:
    """Counts rejected records over a window of batches.

    Raises ProcessingHalted when their share is too large, or when too many come in a row.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._window: deque[tuple[int, int]] = deque()  # records and rejected records of a batch
        self._records = 0
        self._rejected = 0
        self._rejected_in_row = 0

    def observe(self, records: int, rejected: int) -> None:
        """Count a batch. Raises ProcessingHalted, and then the batch must not be committed."""
        if rejected == records:
            self._rejected_in_row += rejected
        else:
            self._rejected_in_row = 0
        self._window.append((records, rejected))
        self._records += records
        self._rejected += rejected
        self._drop_oldest()
        self._check_row()
        self._check_share()

    def _drop_oldest(self) -> None:
        while self._records - self._window[0][0] >= self._settings.invalid_window:
            records, rejected = self._window.popleft()
            self._records -= records
            self._rejected -= rejected

    def _check_row(self) -> None:
        if self._rejected_in_row >= self._settings.invalid_in_row:
            raise ProcessingHalted(
                f"{self._rejected_in_row} invalid records in a row: "
                "nothing was committed past the last good batch"
            )

    def _check_share(self) -> None:
        share = self._settings.invalid_share
        is_window_full = self._records >= self._settings.invalid_window
        if is_window_full and self._rejected > share * self._records:
            raise ProcessingHalted(
                f"{self._rejected} of the last {self._records} records were invalid, more than "
                f"SEEDWIRE_INVALID_SHARE={share:g} allows"
            )
