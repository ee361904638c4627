"""Logs: one line per entry on standard error, without floods of one line during an outage.

As text for people, or as JSON (SEEDWIRE_LOG_FORMAT).
"""

import atexit
import logging
import sys
from typing import TYPE_CHECKING, Any, Final

from shared.runtime.logging.json_logs import JsonFormatter
from shared.runtime.logging.log_limit import RateLimit
from shared.visible_text import make_lines_visible, make_visible

if TYPE_CHECKING:  # `seedwire --help` reads no settings, and need not wait for pydantic
    from shared.settings import Settings

_NOISY_LOGGERS: Final = ("aiokafka", "httpcore2", "httpx", "pymongo")


_rate_limit = RateLimit()


class VisibleFormatter(logging.Formatter):
    """One line per entry, whatever a message quotes: control characters are shown as escapes.

    Only a traceback has further lines.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        return make_visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        return make_lines_visible(super().formatException(ei))


def configure_from(settings: "Settings", service: str) -> None:
    """As `configure`, at the level and in the form that the settings name."""
    configure(service, settings.log_level, as_json=settings.log_format == "json")


def configure(service: str, level: str = "INFO", *, as_json: bool = False) -> None:
    """Log to standard error. Clients log warnings only, each kind at most once in ten seconds.

    At exit, and whenever `report_dropped` is called, the log says how many entries it left out.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_build_formatter(service, as_json))
    handler.addFilter(_rate_limit)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    atexit.register(_rate_limit.report_ended, everything=True)


def _build_formatter(service: str, as_json: bool) -> logging.Formatter:
    if as_json:
        return JsonFormatter(service)
    return VisibleFormatter(f"%(asctime)s %(levelname)-7s {service} %(name)s: %(message)s")


def report_dropped() -> None:
    """Log how many entries were left out lately. Call it every second or so."""
    _rate_limit.report_ended()
