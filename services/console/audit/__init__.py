"""Whether every promise holds: what the topics say, folded, against what the store knows."""

from services.console.audit.auditor import audit
from services.console.audit.breaches import Breach, Promise, Report

__all__ = ["Breach", "Promise", "Report", "audit"]
