"""The command line: every command with its name, and what an error means for the exit code."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import typer

from services.console.cli.output import complain
from shared.errors import EngineAway, SeedwireError, SettingsError
from shared.runtime import logs

DONE, FAILED, WRONG_USAGE, ENGINE_AWAY = 0, 1, 2, 3

COMMANDS: Final = {
    "up": "up.up",
    "down": "up.down",
    "status": "status.status",
    "drop": "drop.drop",
    "wait": "wait.wait",
    "list": "articles.list_articles",
    "show": "articles.show",
    "why": "articles.why",
    "tail": "tail.tail",
    "watch": "watch.watch",
    "story": "story.app",
    "rejected": "rejected.app",
    "images": "images.app",
    "export": "export.export",
    "audit": "audit.audit",
    "replay": "replay.replay",
    "demo": "demo.demo",
}
"""Each with the module beside this one that it is in, in the order that `--help` shows."""


def _end(code: int | None, **_: object) -> None:
    """What a command returns is its exit code."""
    raise typer.Exit(code or DONE)


def app(arguments: Sequence[str]) -> typer.Typer:
    """The command line. Imports only the command that *arguments* begin with: all of them take a second."""
    built = typer.Typer(
        name="seedwire",
        help="Turns article seed files into published stories.",
        epilog="Exit codes: 0 done, 1 something was rejected or failed, 2 wrong usage or settings, 3 an engine is "
        "away. Settings are environment variables: see the README's table.",
        no_args_is_help=True,
        callback=lambda: None,  # a single command is one of a group, too
        result_callback=_end,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    named = arguments[0] if arguments else ""
    for name in [named] if named in COMMANDS else COMMANDS:
        _add(name, built)
    return built


def _add(name: str, built: typer.Typer) -> None:
    module, _, command = COMMANDS[name].partition(".")
    found = getattr(import_module(f"services.console.cli.{module}"), command)
    if isinstance(found, typer.Typer):
        built.add_typer(found, name=name)
    else:
        built.command(name)(found)


def run() -> int:
    """Run the command that `sys.argv` names; returns its exit code."""
    logs.configure("seedwire", "ERROR")
    try:
        app(sys.argv[1:])()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE
    except SeedwireError as error:
        complain(str(error))
        return _code(error)
    return DONE


def _code(error: SeedwireError) -> int:
    if isinstance(error, EngineAway):
        return ENGINE_AWAY
    return WRONG_USAGE if isinstance(error, SettingsError) else FAILED
