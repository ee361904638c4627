"""`seedwire audit`: whether every promise holds, and what mends what does not."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from services.console.audit import Breach, Report
from services.console.audit.auditor import audit as look
from services.console.audit.breaches import Promise
from services.console.audit.repair import Repaired, repair
from services.console.audit.settings import AuditSettings
from services.console.audit.topic_reader import Advance
from services.console.cli.output import AsJson, emit, progress_console, say, table
from services.console.cli.session import open_store
from services.console.cli.status import SILENCE
from services.console.cli.wait import settled
from shared.clock import now
from shared.errors import SettingsError
from shared.settings import read
from shared.store import Store

FINISHING = 60.0  # seconds that services have for what a repair began

ADVICE = {
    Promise.GAPLESS: "the store keeps the latest revision alone; consumers that miss one begin with a snapshot",
    Promise.ORDER: "consumers that keep the highest revision are right; tell those that do not",
    Promise.SAME_BYTES: "someone else wrote to the topic, or two stores did: find out who may",
    Promise.OURS: "someone else wrote to the topic: find out who may",
    Promise.SAVED: "the store is older than the topics: was it restored from a backup, or an article deleted?",
    Promise.LOG: "the latest state in published.state is right; the log cannot be changed",
    Promise.STORE: "someone wrote to the store; drop the article again",
    Promise.ALIASES: "drop the article again",
    Promise.RELATIONS: "someone wrote to the store; drop one of the two articles again with a change",
    Promise.RECEIPTS: "drop it again",
    Promise.REJECTED: "its bytes are still in Kafka: read them there, mend and drop them",
}


def audit(
    as_json: AsJson = False,
    mend: Annotated[
        bool, typer.Option("--repair", help="Mend what can be mended, then look again.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --repair: say what it would do.")
    ] = False,
    while_running: Annotated[
        bool, typer.Option("--while-running", help="What is under way is no fault.")
    ] = False,
) -> int:
    """Check that nothing was lost, invented or left behind.

    Reads published.log and published.state from the start, folds them, and compares them with the store; then looks
    at every article, decision, picture, address, receipt and rejected record. Exit code 0 when all is well, 1 when a
    promise is broken, 3 when an engine is away.

    Run it when all that was dropped is through (`seedwire wait`): what is still under way is reported as pending and
    counts as a fault, since nothing should be. With --while-running it does not, unless it has waited for more than
    SEEDWIRE_AUDIT_GRACE_SECONDS while its service had nothing else to do: that is a breach either way.

    --repair sends again what the topics lack and has decided anew what is stale, in the way the services do it, so
    that doing it twice does no harm. Services finish what it begins: keep them running, and drop nothing meanwhile.

    Examples:

      seedwire wait && seedwire audit

      seedwire audit --json | jq -r 'select(.class == "breach") | .sentence'

      seedwire audit --repair --dry-run
    """
    if dry_run and not mend:
        raise SettingsError("--dry-run goes with --repair")
    report, repaired = asyncio.run(_audit(read(AuditSettings), mend, dry_run))
    if as_json:
        _emit(report, repaired)
    else:
        _show(report, repaired, dry_run)
    return int(not report.is_clean(while_running))


async def _audit(
    settings: AuditSettings, mend: bool, dry_run: bool
) -> tuple[Report, list[Repaired]]:
    """What there is, and what was done about it. After a repair: what there still is."""
    async with open_store(settings) as store:
        with _progress() as advance:
            report = await look(settings, store, settings.grace, advance)
            repaired = await repair(report, settings, store, dry_run) if mend else []
            if any(one.done for one in repaired):
                await _let_services_finish(settings, store)
                report = await look(settings, store, settings.grace, advance)
            return report, repaired


async def _let_services_finish(settings: AuditSettings, store: Store) -> None:
    """A repair begins what services finish; where none is at work there is nothing to wait for."""
    if any(
        now() - beat.at < SILENCE and beat.state == "working" for beat in await store.workers.all()
    ):
        await settled(settings, store, FINISHING)


@contextmanager
def _progress() -> Iterator[Advance]:
    """Bars on standard error, one for each thing that is read."""
    columns = (
        TextColumn("{task.description:<18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=progress_console(), transient=True) as progress:

        def advance(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what, total=total)
            progress.update(bars[what], completed=done, total=total)

        yield advance


def _emit(report: Report, repaired: Sequence[Repaired]) -> None:
    for one in repaired:
        emit(one.as_json())
    for breach in report.found:
        emit(breach.as_json())
    emit(report.as_json())


def _show(report: Report, repaired: Sequence[Repaired], dry_run: bool) -> None:
    for one in repaired:
        whose = one.breach.title or one.breach.article_id or one.breach.where
        say(f"{'would ' if dry_run else ''}{one.sentence}: {whose}")
    table(("promise", "breaches#", "pending#"), _counts(report))
    for breach in report.found:
        say(f"\n{_headline(breach)}\n  {breach.sentence}\n  {breach.where}\n  {_advice(breach)}")
    for note in report.notes:
        say(f"note: {note}")
    say(f"{'' if not report.found else chr(10)}audit: {report}")


def _counts(report: Report) -> list[tuple[str, int, int]]:
    broken, pending = (
        Counter(one.promise for one in part) for part in (report.breaches, report.pending)
    )
    return [
        (promise, broken[promise], pending[promise])
        for promise in Promise
        if broken[promise] or pending[promise]
    ]


def _headline(breach: Breach) -> str:
    state = "pending" if breach.pending else "BREACH "
    return f"{state} {breach.promise}  {breach.article_id} {breach.title}".rstrip()


def _advice(breach: Breach) -> str:
    if breach.mend:
        return f"seedwire audit --repair: {breach.mend}"
    if breach.pending:
        return (
            "wait: seedwire wait; if it stays, seedwire status shows which service is not at work"
        )
    return f"cannot be repaired: {ADVICE.get(breach.promise, 'see docs/audit.md')}"
