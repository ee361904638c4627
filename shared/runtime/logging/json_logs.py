"""Log entries as JSON: one object on a line, for programs that collect logs."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from shared.log_context import read_log_fields


class JsonFormatter(logging.Formatter):
    """An entry of *service* as an object.

    `time`, `level`, `service`, `logger` and `message` are always there; `article`, `story`,
    `record` and `trace` where the entry is about one; `exception` with its traceback.
    """

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
            **read_log_fields(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry)  # in ASCII: what could deceive a reader is an escape
