"""`seedwire rebuild`: sends what the store knows into the public topics again."""

from typing import Annotated

import typer

from services.console.actions.acts import ActCause, perform
from services.console.actions.operations.rebuild import RebuildCounts, preview_rebuild, rebuild
from services.console.cli.author import By, Reason, resolve_author
from services.console.cli.output import AsJson, print_json, print_line
from services.console.cli.progress_bars import progress_bars
from services.console.cli.session import run_with_store
from services.console.counts import format_count
from shared.settings import Settings, load_settings
from shared.store import Store


def rebuild_topics(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would be sent, and send nothing.")
    ] = False,
    by: By = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Send the latest state of every article and story into the public topics again.

    For topics of a living cluster that were deleted or emptied: a new cluster is filled by the
    services when they start. Consumers get repeats, with the same ids and bytes. It may run beside
    the services. Stopped or killed, it goes on where it was when you run it again.

    Examples:

      seedwire rebuild --dry-run

      seedwire rebuild
    """
    cause = ActCause(resolve_author(by), reason)
    counts = run_with_store(
        preview_rebuild if dry_run else lambda store: _rebuild_with_progress(store, cause)
    )
    if as_json:
        print_json({"articles": counts.articles, "stories": counts.stories, "sent": not dry_run})
        return
    verb = "would be sent" if dry_run else "sent"
    print_line(f"{_describe(counts)} {verb}")


async def _rebuild_with_progress(store: Store, cause: ActCause) -> RebuildCounts:
    with progress_bars() as report_progress:
        return await perform(
            store,
            "rebuild",
            cause,
            lambda: rebuild(load_settings(Settings), store, report_progress),
            describe=lambda counts: f"{_describe(counts)} sent",
        )


def _describe(counts: RebuildCounts) -> str:
    stories = format_count(counts.stories, "story", "stories")
    return f"{format_count(counts.articles, 'article')} and {stories}"
