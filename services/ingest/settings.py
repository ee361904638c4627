"""Ingest's own settings."""

from typing import Literal

from pydantic import Field

from shared.settings import Settings


class IngestSettings(Settings):
    # The setting of related: where the seeds give the relations, what they list is substantive.
    related: Literal["linked", "given"] = "linked"
    # Redelivery repairs a crash between saving and announcing at once; the sweep is for what
    # redelivery cannot reach.
    ingest_sweep_seconds: float = Field(default=15, gt=0)
    ingest_overdue_seconds: float = Field(default=30, gt=0)

    @property
    def has_given_relations(self) -> bool:
        return self.related == "given"
