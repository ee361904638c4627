"""Ingest's own settings."""

from pydantic import Field

from shared.settings import Settings


class IngestSettings(Settings):
    # Redelivery repairs a crash between saving and announcing at once; the sweep is for what
    # redelivery cannot reach.
    ingest_sweep_seconds: float = Field(default=15, gt=0)
    ingest_overdue_seconds: float = Field(default=30, gt=0)
