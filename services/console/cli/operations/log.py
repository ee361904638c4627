"""`seedwire log`: who did what, when, why, and what came of it."""

from typing import Annotated

import typer

from services.console.actions.acts import describe_act
from services.console.actions.timestamps import format_timestamp
from services.console.cli.output import AsJson, print_json, print_line
from services.console.cli.session import run_with_store
from shared.store import Act, ActPosition, Store

PAGE_SIZE = 500
NO_SUBJECT = "names no article, story or rejected record"


def log(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="[ID]", help="Only what was done about this article, story or rejected record."
        ),
    ] = "",
    limit: Annotated[int, typer.Option(min=0, help="So many at most; 0: all.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the acts of people, the latest first.

    An act without an outcome was begun, and the process that began it died: nobody knows whether it
    was done. All acts may be repeated.

    Examples:

      seedwire log

      seedwire log CLUSTER/seeds/0/7 --json
    """
    for act in run_with_store(lambda store: _load(store, subject, limit)):
        if as_json:
            print_json(describe_act(act))
        else:
            reason = f" ({act.reason})" if act.reason else ""
            outcome = act.outcome or "outcome unknown"
            print_line(f"{format_timestamp(act.at)}  {act.by}  {act.kind}{reason}: {outcome}")
            print_line(f"    {', '.join(act.subjects[:5]) or NO_SUBJECT}")


async def _load(store: Store, subject: str, limit: int) -> list[Act]:
    acts: list[Act] = []
    position: ActPosition | None = None
    while limit == 0 or len(acts) < limit:
        wanted = min(PAGE_SIZE, limit - len(acts)) if limit else PAGE_SIZE
        page = await store.history.list_acts(subject, position, wanted)
        acts += page
        if len(page) < wanted:
            break
        position = page[-1].position
    return acts
