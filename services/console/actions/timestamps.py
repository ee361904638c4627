"""Timestamps as JSON output has them."""

from datetime import datetime


def format_timestamp(at: datetime) -> str:
    """UTC with milliseconds, for example `2026-03-02T10:00:00.000Z`."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
