"""Whether an engine answers: judged from the questions that are put to it, not by further ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from services.console.sampling.samples import EngineSample
from shared.clock import Clock
from shared.errors import SeedwireError

# A question takes some milliseconds; clients repeat it for up to half a minute before they fail.
ANSWER_TIMEOUT: Final = timedelta(seconds=3)


class EngineWatch:
    """Of one engine, which is asked one question after the other."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._asked_at: datetime | None = None  # while a question is open
        self._judged: EngineSample | None = None

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A question is open while the block runs. A SeedwireError ends in it: no answer came."""
        asked_at = self._asked_at = self._clock()
        try:
            yield
        except SeedwireError as error:
            self._judge(False, asked_at, str(error))
        else:
            self._judge(True, self._clock())
        finally:
            self._asked_at = None

    def fail(self, problem: str) -> None:
        """Nobody asks it any more."""
        self._judge(False, self._clock(), problem)

    def read(self) -> EngineSample | None:
        """How it is now; None before the first answer."""
        silent_since = self._asked_at
        if silent_since is None or self._clock() - silent_since < ANSWER_TIMEOUT:
            return self._judged
        if self._judged is not None and not self._judged.is_up:
            return self._judged
        return EngineSample(self._name, False, silent_since, f"{self._name} does not answer")

    def _judge(self, is_up: bool, since: datetime, problem: str = "") -> None:
        if self._judged is not None and self._judged.is_up == is_up:
            since = self._judged.since
        self._judged = EngineSample(self._name, is_up, since, problem)
