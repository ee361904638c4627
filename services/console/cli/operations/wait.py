"""`seedwire wait`: blocks until all drops are through, and nothing is left to link anew."""

from typing import Annotated

import typer

from services.console.actions.operations.pending_work import PendingWork, wait_until_done
from services.console.cli.output import (
    AsJson,
    print_error,
    print_json,
    print_line,
    show_status,
)
from services.console.cli.session import run_with_store
from shared.runtime import exit_codes
from shared.settings import Settings, load_settings
from shared.store import Store


def wait(
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most.", min=0)] = 300,
    as_json: AsJson = False,
) -> int:
    """Wait until all drops have passed every stage, and nothing is left to link anew.

    After the timeout, the exit code is 1 and the message names the pending work. Image fetches that
    are parked for later do not count as pending.

    Examples:

      seedwire wait

      seedwire drop seeds --no-wait && seedwire wait --timeout 60
    """
    pending = run_with_store(lambda store: _wait_with_progress(store, timeout))
    if as_json:
        print_json(
            {
                "done": pending.is_empty,
                "lag": dict(pending.lag),
                "waiting": dict(pending.waiting),
            }
        )
    elif pending.is_empty:
        print_line("everything that was dropped has passed every stage")
    if pending.is_empty:
        return exit_codes.OK
    print_error(
        f"still pending after {timeout:g} s: {pending}. "
        "Is every service running (`seedwire status`)?"
    )
    return exit_codes.FAILED


async def _wait_with_progress(store: Store, timeout: float) -> PendingWork:
    settings = load_settings(Settings)
    with show_status("waiting") as status:
        return await wait_until_done(
            settings, store, timeout, lambda pending: status.update(f"waiting: {pending}")
        )
