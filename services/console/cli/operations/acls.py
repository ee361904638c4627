"""`seedwire acls`: what each service may do on Kafka, as kafka-acls commands."""

from dataclasses import asdict
from typing import Annotated

import typer

from services.console.actions.operations.acls import DEFAULT_PREFIX, format_command, list_grants
from services.console.cli.output import AsJson, print_json, print_line
from shared.settings import Settings, load_settings


def acls(
    prefix: Annotated[
        str, typer.Option(help="What the names of your principals begin with.")
    ] = DEFAULT_PREFIX,
    as_json: AsJson = False,
) -> None:
    """Print the kafka-acls commands that let each service do its work, and nothing else.

    It prints and connects to nothing: an administrator of Kafka runs the commands. Each service has
    a user of its own: seedwire-ingest, seedwire-images and so on.

    Examples:

      seedwire acls

      seedwire acls --prefix news- | sh
    """
    bootstrap = load_settings(Settings).kafka or "localhost:9092"
    for grant in list_grants(prefix):
        if as_json:
            print_json(asdict(grant))
        else:
            print_line(format_command(grant, bootstrap))
