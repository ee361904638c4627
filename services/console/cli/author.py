"""Who acts and why, as commands are told it: for overrides, promoted rules, and all other acts."""

import getpass
from typing import Annotated

import typer

By = Annotated[str, typer.Option("--by", help="Who does it. Default: your login name.")]
Reason = Annotated[str, typer.Option("--reason", help="Why. Kept in `seedwire log`.")]


def resolve_author(given: str) -> str:
    """The name that was given, or else the login name."""
    try:
        return given or getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "operator"
