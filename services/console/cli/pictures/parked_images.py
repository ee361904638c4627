"""`seedwire images parked`, `retry` and `give-up`: pictures that wait for their host."""

from typing import Annotated

import typer

from services.console.actions.acts import ActCause
from services.console.actions.pictures import parked
from services.console.actions.pictures.parked import ParkedSelection
from services.console.cli.author import By, Reason, resolve_author
from services.console.cli.output import AsJson, print_json, print_line
from services.console.cli.session import run_with_store
from services.console.counts import format_count
from shared.errors import SettingsError

Host = Annotated[str, typer.Option("--host", help="All of this host instead of one.")]
Key = Annotated[
    str, typer.Argument(metavar="[URL]", help="The picture, as `seedwire images parked` shows it.")
]


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
            attempts = format_count(fetch.attempts, "attempt")
            print_line(f"    {fetch.article_id}  {attempts}: {fetch.reason}")


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
