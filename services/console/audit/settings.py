"""What only the audit needs to be told."""

from datetime import timedelta

from pydantic import Field

from shared.settings import Settings


class AuditSettings(Settings):
    # Sweeps look every 15 s for what is overdue by 30: what waits for longer than this, while nothing is before it
    # in the topics, will not come by itself.
    audit_grace_seconds: float = Field(default=120, ge=0)

    @property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.audit_grace_seconds)
