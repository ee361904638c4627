"""`seedwire audit`: checks that every promise holds, and repairs what can be repaired."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from services.console.actions.acts import ActCause
from services.console.actions.store_session import open_store
from services.console.audit import Breach, Promise, Report
from services.console.audit.audit_and_repair import audit_and_repair
from services.console.audit.auditor import audit as run_audit
from services.console.audit.repairs.repair import RepairResult
from services.console.audit.settings import AuditSettings
from services.console.cli.author import By, Reason, resolve_author
from services.console.cli.output import AsJson, print_json, print_line, print_table
from services.console.cli.progress_bars import progress_bars
from shared.errors import SettingsError
from shared.settings import load_settings

ADVICE: Final = {
    Promise.GAPLESS: "the store keeps only the latest revision; "
    "a consumer that misses an older one should start from a snapshot",
    Promise.ORDER: "consumers that keep the highest revision are right; warn those that do not",
    Promise.SAME_BYTES: "another program wrote to the topic, or two stores did: "
    "find out who has access",
    Promise.OURS: "another program wrote to the topic: find out who has access",
    Promise.SAVED: "the store is older than the topics: "
    "was it restored from a backup, or an article deleted?",
    Promise.LOG: "the latest state in the state topic is right; the log cannot be changed",
    Promise.STORE: "another program wrote to the store; drop the article again",
    Promise.ALIASES: "drop the article again",
    Promise.RELATIONS: "another program wrote to the store; "
    "change one of the two articles and drop it again",
    Promise.RECEIPTS: "drop it again",
    Promise.REJECTED: "its bytes are still in Kafka: read them there, correct them and drop them",
}


Repair = Annotated[
    bool, typer.Option("--repair", help="Repair what can be repaired, then audit again.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="With --repair: show what it would do.")]
WhileRunning = Annotated[
    bool, typer.Option("--while-running", help="Do not fail on work that is under way.")
]


def audit(
    as_json: AsJson = False,
    should_repair: Repair = False,
    dry_run: DryRun = False,
    by: By = "",
    reason: Reason = "",
    while_running: WhileRunning = False,
) -> int:
    """Check that nothing was lost, invented or left behind.

    Reads the topics of articles and of stories from the start and compares them with the store;
    then checks every article, decision, picture, alias, receipt and rejected record. The exit code
    is 0 when all is well, 1 when a promise is broken, 3 when Kafka or the store is unavailable.

    Run it when everything that was dropped has been processed (`seedwire wait`). Work still under
    way is reported as pending and fails the audit, since there should be none. With
    --while-running it does not, unless it has waited for more than SEEDWIRE_AUDIT_GRACE_SECONDS
    while its service was idle: that is a breach either way.

    --repair sends again what the topics lack, and has stale articles decided again, in the way the
    services do it; repeating it does no harm. Services finish what it begins: keep them running,
    and drop nothing meanwhile.

    Examples:

      seedwire wait && seedwire audit

      seedwire audit --json | jq -r 'select(.class == "breach") | .sentence'

      seedwire audit --repair --dry-run
    """
    if dry_run and not should_repair:
        raise SettingsError("--dry-run requires --repair")
    cause = ActCause(resolve_author(by), reason) if should_repair else None
    report, results = asyncio.run(_audit(load_settings(AuditSettings), cause, dry_run))
    if as_json:
        _emit(report, results)
    else:
        _show(report, results, dry_run)
    return int(not report.is_clean(while_running))


async def _audit(
    settings: AuditSettings, cause: ActCause | None, dry_run: bool
) -> tuple[Report, list[RepairResult]]:
    async with open_store(settings) as store:
        with progress_bars() as report_progress:
            if cause is not None:
                return await audit_and_repair(settings, store, dry_run, report_progress, cause)
            return await run_audit(settings, store, settings.grace, report_progress), []


def _emit(report: Report, results: Sequence[RepairResult]) -> None:
    for result in results:
        print_json(result.as_json())
    for breach in report.found:
        print_json(breach.as_json())
    print_json(report.as_json())


def _show(report: Report, results: Sequence[RepairResult], dry_run: bool) -> None:
    prefix = "would " if dry_run else ""
    for result in results:
        breach = result.breach
        subject = breach.title or breach.article_id or breach.story_id or breach.where
        print_line(f"{prefix}{result.sentence}: {subject}")
    print_table(("promise", "breaches#", "pending#"), _count_by_promise(report))
    for breach in report.found:
        _show_breach(breach)
    for note in report.notes:
        print_line(f"note: {note}")
    if report.found:
        print_line()
    print_line(f"audit: {report}")


def _count_by_promise(report: Report) -> list[tuple[str, int, int]]:
    breaches = Counter(breach.promise for breach in report.breaches)
    pending = Counter(breach.promise for breach in report.pending)
    return [
        (promise, breaches[promise], pending[promise])
        for promise in Promise
        if breaches[promise] or pending[promise]
    ]


def _show_breach(breach: Breach) -> None:
    state = "pending" if breach.pending else "BREACH "
    subject = breach.article_id or breach.story_id
    headline = f"{state} {breach.promise}  {subject} {breach.title}".rstrip()
    print_line()
    print_line(headline)
    print_line(f"  {breach.sentence}")
    print_line(f"  {breach.where}")
    print_line(f"  {_advise(breach)}")


def _advise(breach: Breach) -> str:
    if breach.repair_action:
        return f"seedwire audit --repair: {breach.repair_action}"
    if breach.pending:
        return (
            "wait: seedwire wait; if it stays pending, seedwire status shows which service is down"
        )
    return f"cannot be repaired: {ADVICE.get(breach.promise, 'see docs/audit.md')}"
