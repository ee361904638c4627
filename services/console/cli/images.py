"""`seedwire images`: checks stored images, deletes what nothing needs, draws a contact sheet."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from services.console.actions.acts import ActCause
from services.console.actions.pictures import maintenance, parked
from services.console.actions.pictures.contact_sheet import save_sheet
from services.console.actions.pictures.maintenance import Finding, IntegrityChecker, Orphan
from services.console.actions.pictures.parked import ParkedSelection
from services.console.cli.author import resolve_author
from services.console.cli.command_group import CommandGroup
from services.console.cli.output import AsJson, print_json, print_line
from services.console.cli.session import run_with_store
from shared.errors import SettingsError
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
        print_line(f"{checker.checked} pictures, {unsound} not sound{suffix}")
    return int(unsound > 0)


def gc(
    grace: Annotated[
        int, typer.Option("--grace-hours", help="Keep what was stored within so many hours.", min=1)
    ] = 24,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be deleted, and delete nothing.")
    ] = False,
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
    orphans = run_with_store(lambda store: _print_orphans(store, grace_period, dry_run, as_json))
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
    print_line(f"{len(cards)} pictures in {target}, {kept} of them kept")


Host = Annotated[str, typer.Option("--host", help="All of this host instead of one.")]
Key = Annotated[
    str, typer.Argument(metavar="[URL]", help="The picture, as `seedwire images parked` shows it.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why. Kept in `seedwire log`.")]
By = Annotated[str, typer.Option("--by", help="Who does it. Default: your login name.")]


def list_parked(
    limit: Annotated[int, typer.Option(min=1, help="So many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List pictures that are put aside until a host answers, those first that are due first.

    Examples:

      seedwire images parked
    """
    for fetch in run_with_store(lambda store: store.parked.list_earliest(limit)):
        described = parked.describe_parked(fetch)
        if as_json:
            print_json(described)
        else:
            print_line(f"{described['due']}  {described['key']}")
            print_line(f"    {fetch.article_id}  {fetch.attempts} attempts: {fetch.reason}")


def retry(
    key: Key = "", host: Host = "", by: By = "", reason: Reason = "", as_json: AsJson = False
) -> None:
    """Fetch parked pictures now instead of when they are due.

    Examples:

      seedwire images retry --host pictures.example --reason "their server is back"
    """
    selection, cause = _select(key, host), ActCause(resolve_author(by), reason)
    count = run_with_store(lambda store: parked.retry_parked(store, selection, cause))
    if as_json:
        print_json({"retried": count})
    else:
        print_line(f"{count} due now")


def give_up(
    key: Key = "", host: Host = "", by: By = "", reason: Reason = "", as_json: AsJson = False
) -> None:
    """Give up parked pictures: they are fetched no more, and count as failed.

    Examples:

      seedwire images give-up https://pictures.example/1.jpg --reason "taken down"
    """
    selection, cause = _select(key, host), ActCause(resolve_author(by), reason)
    count = run_with_store(lambda store: parked.give_up_parked(store, selection, cause))
    if as_json:
        print_json({"givenUp": count})
    else:
        print_line(f"{count} given up")


def _select(key: str, host: str) -> ParkedSelection:
    if bool(key) == bool(host):
        raise SettingsError("name one picture, or a host with --host")
    return ParkedSelection(key=key, host=host)


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


async def _print_orphans(
    store: Store, grace: timedelta, dry_run: bool, as_json: bool
) -> list[Orphan]:
    """Print each orphan as soon as it is known; returns all of them."""
    orphans: list[Orphan] = []
    async for orphan in maintenance.collect_garbage(store, grace, dry_run):
        orphans.append(orphan)
        if as_json:
            print_json(maintenance.describe_orphan(orphan, dry_run))
        else:
            print_line(f"{orphan.name or '(no name)'}  {orphan.size:,} bytes  {orphan.why}")
    return orphans


GROUP: Final = CommandGroup(
    "Check stored images, clean them up, and see all of them.",
    {
        "check": check,
        "gc": gc,
        "sheet": sheet,
        "parked": list_parked,
        "retry": retry,
        "give-up": give_up,
    },
)
