"""The audit: compares what the topics say with what the store holds, and reports every breach."""

from services.console.audit.auditor import audit
from services.console.audit.breaches import Breach, Promise, Report

__all__ = ["Breach", "Promise", "Report", "audit"]
