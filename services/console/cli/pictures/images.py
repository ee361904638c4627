"""`seedwire images`: checks stored images, deletes what nothing needs, draws a contact sheet."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from services.console.actions.acts import ActCause
from services.console.actions.pictures import maintenance
from services.console.actions.pictures.contact_sheet import save_sheet
from services.console.actions.pictures.maintenance import Finding, IntegrityChecker, Orphan
from services.console.cli.author import By, Reason, resolve_author
from services.console.cli.command_group import CommandGroup
from services.console.cli.output import AsJson, print_json, print_line
from services.console.cli.pictures import parked_images
from services.console.cli.session import run_with_store
from services.console.counts import format_count
from shared.store import Store

DEFAULT_SHEET: Final = Path("pictures.png")


def check(
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Make thumbnails and descriptions again where that helps."),
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Check every stored image: its bytes, hash, size in pixels and thumbnails.

    The exit code is 1 if an image is not sound. With --repair, thumbnails and descriptions are made
    again if the original is sound.

    Examples:

      seedwire images check

      seedwire images check --repair --json
    """
    checker = maintenance.build_integrity_checker(repair)
    findings = run_with_store(lambda store: _print_findings(checker, store, as_json))
    unsound = sum(not finding.is_repaired for finding in findings)
    if not as_json:
        repaired = len(findings) - unsound
        suffix = f", {repaired} repaired" if repaired else ""
        print_line(f"{format_count(checker.checked, 'picture')}, {unsound} not sound{suffix}")
    return int(unsound > 0)


def gc(
    grace: Annotated[
        int, typer.Option("--grace-hours", help="Keep what was stored within so many hours.", min=1)
    ] = 24,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be deleted, and delete nothing.")
    ] = False,
    by: By = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Delete stored images that nothing refers to.

    That is: bytes of no image, thumbnails without an original, and what a worker left that ended in
    the middle of a write. Because of the grace period it may run beside workers, which refer to an
    image only after they stored it.

    Examples:

      seedwire images gc --dry-run

      seedwire images gc --grace-hours 1 --json
    """
    grace_period = timedelta(hours=grace)
    cause = ActCause(resolve_author(by), reason)
    print_orphan = _OrphanPrinter(dry_run, as_json)
    if dry_run:
        orphans = run_with_store(
            lambda store: maintenance.find_garbage(store, grace_period, print_orphan)
        )
    else:
        orphans = run_with_store(
            lambda store: maintenance.collect_garbage(store, grace_period, print_orphan, cause)
        )
    if not as_json:
        deleted = "would be deleted" if dry_run else "deleted"
        size = sum(orphan.size for orphan in orphans)
        print_line(f"{len(orphans)} {deleted}, {size:,} bytes")


def sheet(
    target: Annotated[
        Path, typer.Argument(metavar="OUT.png", help="The file to write.")
    ] = DEFAULT_SHEET,
    limit: Annotated[
        int, typer.Option("--most", help="The most images to draw.", min=1, max=1000)
    ] = 200,
) -> None:
    """Draw a contact sheet: every image with its title, size, state, colour and placeholder.

    Examples:

      seedwire images sheet

      seedwire images sheet today.png --most 40
    """
    cards = run_with_store(lambda store: maintenance.load_cards(store, limit))
    save_sheet(cards, target)
    kept = sum(card.is_kept for card in cards)
    print_line(f"{format_count(len(cards), 'picture')} in {target}, {kept} of them kept")


async def _print_findings(checker: IntegrityChecker, store: Store, as_json: bool) -> list[Finding]:
    """Print each finding as soon as it is known; returns all of them."""
    findings: list[Finding] = []
    try:
        async for finding in checker.check_pictures(store):
            findings.append(finding)
            if as_json:
                print_json(maintenance.describe_finding(finding))
            else:
                suffix = "; repaired" if finding.is_repaired else ""
                print_line(finding.url)
                print_line(f"    {finding.what}{suffix}")
    finally:
        await checker.close()
    return findings


class _OrphanPrinter:
    """Prints each orphan as soon as it is known."""

    def __init__(self, dry_run: bool, as_json: bool) -> None:
        self._dry_run = dry_run
        self._as_json = as_json

    def __call__(self, orphan: Orphan) -> None:
        if self._as_json:
            print_json(maintenance.describe_orphan(orphan, self._dry_run))
        else:
            print_line(f"{orphan.name or '(no name)'}  {orphan.size:,} bytes  {orphan.why}")


GROUP: Final = CommandGroup(
    "Check stored images, clean them up, and see all of them.",
    {
        "check": check,
        "gc": gc,
        "sheet": sheet,
        "parked": parked_images.list_parked,
        "retry": parked_images.retry,
        "give-up": parked_images.give_up,
    },
)
