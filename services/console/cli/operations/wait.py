"""`seedwire wait`: blocks until all drops are through, and nothing is left to link anew."""

import time
from typing import Annotated

import typer

from services.console.actions.operations.absent_services import AbsenceWatch
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

    After the timeout, the exit code is 1 and the message names the pending work. It is 1 earlier if
    a service with pending work has had no process for half a minute. Image fetches that are parked
    for later do not count as pending.

    Examples:

      seedwire wait

      seedwire drop seeds --no-wait && seedwire wait --timeout 60
    """
    began = time.monotonic()
    pending, watch = run_with_store(lambda store: _wait_with_progress(store, timeout))
    if as_json:
        print_json(
            {
                "done": pending.is_empty,
                "lag": dict(pending.lag),
                "waiting": dict(pending.waiting),
                "absent": watch.services,
            }
        )
    elif pending.is_empty:
        print_line("everything that was dropped has passed every stage")
    if pending.is_empty:
        return exit_codes.OK
    seconds = min(timeout, time.monotonic() - began)
    advice = watch.describe() or "Is every service running (`seedwire status`)?"
    print_error(f"still pending after {seconds:.0f} s: {pending}. {advice}")
    return exit_codes.FAILED


async def _wait_with_progress(store: Store, timeout: float) -> tuple[PendingWork, AbsenceWatch]:
    settings = load_settings(Settings)
    watch = AbsenceWatch(store)
    with show_status("waiting") as status:
        pending = await wait_until_done(
            settings,
            store,
            timeout,
            lambda pending: status.update(f"waiting: {pending}"),
            ends_early=watch.is_hopeless,
        )
    return pending, watch
