"""Logs: one line per entry on standard error, without floods of one line during an outage."""

import logging
import sys
import time
from typing import Final

_NOISY_LOGGERS: Final = ("aiokafka", "httpcore2", "pymongo")


class RateLimit(logging.Filter):
    """Passes a message of a logger once in *seconds*: in outages clients repeat themselves."""

    def __init__(self, seconds: float = 10.0) -> None:
        super().__init__()
        self._seconds = seconds
        self._last_passed: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        key, now = (record.name, str(record.msg)), time.monotonic()
        last = self._last_passed.get(key)
        if last is not None and now - last < self._seconds:
            return False
        self._last_passed[key] = now
        return True


def configure(service: str, level: str = "INFO") -> None:
    """Log to standard error. Clients log warnings only, each kind at most once in ten seconds."""
    handler = logging.StreamHandler(sys.stderr)
    line_format = f"%(asctime)s %(levelname)-7s {service} %(name)s: %(message)s"
    handler.setFormatter(logging.Formatter(line_format))
    handler.addFilter(RateLimit())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
