"""What only ingest needs to be told."""

from pydantic import Field

from shared.settings import Settings


class IngestSettings(Settings):
    # A crash between saving and announcing is mended by redelivery at once; the sweep is for what that cannot reach.
    ingest_sweep_seconds: float = Field(default=15, gt=0)
    ingest_overdue_seconds: float = Field(default=30, gt=0)
