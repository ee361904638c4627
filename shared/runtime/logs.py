"""Logs: one line an entry on standard error, and no flood of the same line while an engine is away."""

import logging
import sys
import time


class RateLimit(logging.Filter):
    """Lets the same message of the same logger through once in *seconds*: clients repeat themselves in outages."""

    def __init__(self, seconds: float = 10.0) -> None:
        super().__init__()
        self._seconds = seconds
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        key, now = (record.name, str(record.msg)), time.monotonic()
        if now - self._said.get(key, -self._seconds) < self._seconds:
            return False
        self._said[key] = now
        return True


def configure(service: str, level: str = "INFO") -> None:
    """Log to standard error. Kafka's client is kept to warnings, and to one of a kind in ten seconds."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        logging.Formatter(f"%(asctime)s %(levelname)-7s {service} %(name)s: %(message)s")
    )
    handler.addFilter(RateLimit())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("aiokafka", "httpcore2", "pymongo"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
