"""The settings that only the audit reads."""

from datetime import timedelta

from pydantic import Field

from shared.settings import Settings


class AuditSettings(Settings):
    # Sweeps run every 15 s and pick up what is 30 s overdue. What has waited for longer than this
    # while its service has no unread records will not be picked up any more.
    audit_grace_seconds: float = Field(default=120, ge=0)

    @property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.audit_grace_seconds)
