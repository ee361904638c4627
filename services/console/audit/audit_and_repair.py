"""Audits, repairs what can be repaired, lets the services finish it, and audits again."""

from typing import Final

from services.console.actions.acts import ActCause, perform
from services.console.actions.operations.pending_work import wait_until_done
from services.console.actions.operations.status import is_any_service_working
from services.console.audit.auditor import audit
from services.console.audit.breaches import Report
from services.console.audit.repairs.repair import RepairResult, repair
from services.console.audit.settings import AuditSettings
from services.console.progress import ProgressCallback
from shared.store import Store

REPAIR_SECONDS: Final = 60.0  # how long services have to finish what a repair began


async def audit_and_repair(
    settings: AuditSettings,
    store: Store,
    dry_run: bool,
    report_progress: ProgressCallback,
    cause: ActCause,
) -> tuple[Report, list[RepairResult]]:
    """Return the report of the last audit, and what was done about the breaches of the first.

    A dry run repairs nothing and audits once. Raises DependencyUnavailable, and may then be
    repeated.
    """
    report = await audit(settings, store, settings.grace, report_progress)
    if dry_run or not any(breach.repair_action for breach in report.found):
        return report, await repair(report, settings, store, dry_run)
    results = await perform(
        store,
        "repair",
        cause,
        lambda: repair(report, settings, store, dry_run),
        describe=lambda results: f"{len(results)} breaches repaired, of {len(report.found)} found",
    )
    if not results:
        return report, results
    if await is_any_service_working(store):
        await wait_until_done(settings, store, REPAIR_SECONDS)
    report = await audit(settings, store, settings.grace, report_progress)
    return report, results
