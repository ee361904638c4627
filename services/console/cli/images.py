"""`seedwire images`: check what is kept, collect what nothing needs, and see it all on one sheet."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from services.console.actions.contact_sheet import Card, draw, failed_card, kept_card
from services.console.cli.articles import pages
from services.console.cli.output import AsJson, emit, say
from services.console.cli.session import with_store
from services.enrichment.images.decoding.process_pool import Pool
from services.enrichment.images.maintenance.garbage_collection import Orphan, orphans
from services.enrichment.images.maintenance.integrity import Finding, Inspector
from shared.clock import now
from shared.errors import SettingsError
from shared.settings import Settings, read
from shared.store import Content, Picture, Store, thumbnail_name

app = typer.Typer(
    help="Check, clean up and see what is kept.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("check")
def check(
    repair: Annotated[
        bool, typer.Option("--repair", help="Make thumbnails and descriptions anew.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Read every kept picture: its bytes, hash, size in pixels and thumbnails. Exit code 1 when one is not sound.

    With --repair, thumbnails and descriptions are made anew where the original is sound.

    Examples:

      seedwire images check

      seedwire images check --repair --json
    """
    inspector = Inspector(Pool(), now, repair)
    found = with_store(read(Settings), lambda store: _check(inspector, store, as_json))
    left = sum(not finding.mended for finding in found)
    if not as_json:
        mended = f", {len(found) - left} mended" if len(found) > left else ""
        say(f"{inspector.seen} pictures, {left} not sound{mended}")
    return int(left > 0)


@app.command("gc")
def gc(
    grace: Annotated[
        int, typer.Option("--grace-hours", help="Leave alone what is younger.", min=1)
    ] = 24,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Delete what nothing refers to: bytes of no picture, thumbnails without original, what dead writers left.

    What was kept within the grace time is spared, for a fetch may be under way; so it may run beside workers.

    Examples:

      seedwire images gc --dry-run

      seedwire images gc --grace-hours 1 --json
    """
    before = now() - timedelta(hours=grace)
    found = with_store(read(Settings), lambda store: _collect(store, before, dry_run, as_json))
    if not as_json:
        done = "would be deleted" if dry_run else "deleted"
        say(f"{len(found)} {done}, {sum(orphan.size for orphan in found):,} bytes")


@app.command("sheet")
def sheet(
    target: Annotated[Path, typer.Argument(metavar="[OUT.png]", help="The file to write.")] = Path(
        "pictures.png"
    ),
    most: Annotated[int, typer.Option(help="Pictures at the most.", min=1, max=1000)] = 200,
) -> None:
    """Write a contact sheet: every picture with its title, size and state, its colour and its placeholder.

    Examples:

      seedwire images sheet

      seedwire images sheet today.png --most 40
    """
    cards = with_store(read(Settings), lambda store: _cards(store, most))
    try:
        draw(cards).save(target, "PNG")
    except (OSError, ValueError) as error:
        raise SettingsError(f"{target} cannot be written: {error}") from error
    say(f"{len(cards)} pictures in {target}, {sum(card.is_kept for card in cards)} of them kept")


async def _check(inspector: Inspector, store: Store, as_json: bool) -> list[Finding]:
    found: list[Finding] = []
    async for finding in inspector.findings(store):
        found.append(finding)
        if as_json:
            emit(
                {
                    "sha256": finding.sha256,
                    "url": finding.url,
                    "what": finding.what,
                    "mended": finding.mended,
                }
            )
        else:
            say(f"{finding.url}\n    {finding.what}{'; mended' if finding.mended else ''}")
    return found


async def _collect(store: Store, before: datetime, dry_run: bool, as_json: bool) -> list[Orphan]:
    found: list[Orphan] = []
    async for orphan in orphans(store, before, remove=not dry_run):
        found.append(orphan)
        if as_json:
            emit(
                {
                    "name": orphan.name,
                    "size": orphan.size,
                    "why": orphan.why,
                    "deleted": not dry_run,
                }
            )
        else:
            say(f"{orphan.name or '(no name)'}  {orphan.size:,} bytes  {orphan.why}")
    return found


async def _cards(store: Store, most: int) -> Sequence[Card]:
    """One for each picture URL, in the order of articles."""
    cards: dict[str, Card] = {}
    async for page in pages(store):
        for article in page.values():
            images = [image for image in article.get("images") or [] if image["url"] not in cards]
            known = await store.pictures.get([image["url"] for image in images])
            for image in images[: most - len(cards)]:
                cards[image["url"]] = await _card(article, image, known.get(image["url"]), store)
    return [*cards.values()]


async def _card(
    article: Mapping[str, Any], image: Mapping[str, Any], picture: Picture | None, store: Store
) -> Card:
    if picture is None or picture.state != "cached":
        return failed_card(article, image, picture.reason if picture else "not fetched yet")
    content = (await store.contents.get([picture.sha256])).get(picture.sha256)
    return kept_card(article, image, await store.bytes.get(_to_draw(picture, content)), content)


def _to_draw(picture: Picture, content: Content | None) -> str:
    """The name of the bytes to draw it from: a thumbnail of twice a card's size, or the original."""
    widths = (
        [thumbnail.width for thumbnail in content.thumbnails if thumbnail.width <= 640]
        if content
        else []
    )
    return thumbnail_name(picture.sha256, max(widths)) if widths else picture.sha256
