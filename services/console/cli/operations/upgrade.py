"""`seedwire upgrade`: how far the store's schema has come, and finishing an upgrade."""

from typing import Annotated

import typer

from services.console.actions.acts import ActCause, perform
from services.console.actions.operations.upgrade import (
    UpgradeState,
    finish_upgrade,
    load_upgrade_state,
)
from services.console.cli.author import By, Reason, resolve_author
from services.console.cli.output import AsJson, print_error, print_json, print_line
from services.console.cli.session import run_with_store
from shared.runtime import exit_codes
from shared.store import Store


def upgrade(
    finish: Annotated[
        bool,
        typer.Option(
            "--finish", help="Refuse older versions from now on, and drop what only they used."
        ),
    ] = False,
    by: By = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> int:
    """Show the steps of the store's schema, and which workers are of an older version.

    The first process of a new version applies the steps; older workers go on beside it, and you can
    go back to them. After --finish you cannot. It changes nothing and exits with 1 while an older
    worker may still work.

    Examples:

      seedwire upgrade

      seedwire upgrade --finish
    """
    cause = ActCause(resolve_author(by), reason)
    state = run_with_store((lambda store: _finish(store, cause)) if finish else load_upgrade_state)
    if as_json:
        print_json(state.as_json())
    else:
        _print_state(state)
    if not finish or state.is_finished:
        return exit_codes.OK
    names = ", ".join(f"{worker.instance} ({worker.state})" for worker in state.older_workers)
    print_error(
        f"not finished: workers of an older version may still work: {names}. Stop them and repeat;"
        " one that was killed counts for an hour after its last heartbeat"
    )
    return exit_codes.FAILED


async def _finish(store: Store, cause: ActCause) -> UpgradeState:
    def describe(state: UpgradeState) -> str:
        return "finished" if state.is_finished else "older workers are there"

    return await perform(store, "upgrade", cause, lambda: finish_upgrade(store), describe=describe)


def _print_state(state: UpgradeState) -> None:
    for step in state.steps:
        print_line(
            f"step {step.number}  {'applied' if step.is_applied else 'missing'}  {step.adds}"
        )
    for worker in state.older_workers:
        print_line(f"older worker  {worker.instance} on {worker.host}, {worker.state}")
    for name in state.dropped:
        print_line(f"dropped  {name}")
    if state.is_finished:
        print_line(f"finished: versions that do not know step {state.layout} are refused")
    else:
        print_line("older versions can use the store; `seedwire upgrade --finish` ends that")
