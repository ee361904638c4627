"""Whether every promise holds: what the topics say, folded, against what the store knows."""

from services.console.auditing.auditor import audit
from services.console.auditing.breaches import Breach, Promise, Report

__all__ = ["Breach", "Promise", "Report", "audit"]
