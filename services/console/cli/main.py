"""The command line: its commands, and what an error means for the exit code."""

import gc
import io
import sys
from collections.abc import Sequence
from typing import Final

import typer

from services.console.cli.commands import COMMANDS, add_command, list_command
from services.console.cli.output import print_error, print_note, print_traceback
from shared.errors import SeedwireError
from shared.runtime import exit_codes
from shared.runtime.logging import logs
from shared.runtime.process_exit import skip_last_collection

EPILOG: Final = (
    "Exit codes: 0 done, 1 something was rejected or failed, 2 wrong usage or settings, 3 Kafka or "
    "the store is unavailable, 4 Kafka or the store rejects it. Settings are environment "
    "variables: see the table in the README."
)

# A list of 100,000 articles is no garbage: looking through it again and again takes half its time.
GARBAGE_THRESHOLD: Final = 200_000


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the *arguments* name, or `sys.argv`; returns its exit code."""
    skip_last_collection()
    gc.set_threshold(GARBAGE_THRESHOLD)
    logs.configure("seedwire", "ERROR")
    sys.excepthook = print_traceback
    given = sys.argv[1:] if arguments is None else [*arguments]
    command = typer.main.get_command(build_app(given))
    try:
        return int(command(given, standalone_mode=False))
    except SystemExit as end:  # standard output was closed
        return end.code if isinstance(end.code, int) else exit_codes.OK
    except typer.TyperException as error:
        _print_usage_error(error)
        return error.exit_code
    except SeedwireError as error:
        print_error(str(error))
        return exit_codes.exit_code_for(error)
    except OSError as error:
        if error.filename is None:
            raise
        print_error(f"{error.filename}: {error.strerror}")
        return exit_codes.FAILED


def _print_usage_error(error: typer.TyperException) -> None:
    """Print what typer says of wrong usage. It quotes arguments, which may be names of files."""
    text = io.StringIO()
    error.show(file=text)  # type: ignore[attr-defined]
    for line in text.getvalue().rstrip("\n").split("\n"):
        print_note(line)


def build_app(arguments: Sequence[str]) -> typer.Typer:
    """The command line. Of commands that *arguments* do not name it has the summary alone."""
    app = typer.Typer(
        name="seedwire",
        help="Turns article seed files into published stories.",
        epilog=EPILOG,
        no_args_is_help=True,
        callback=lambda: None,  # without it, an app of one command has no command names
        result_callback=_exit_with,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in COMMANDS:
        add = add_command if name in arguments else list_command
        add(app, name)
    return app


def _exit_with(code: int | None, **_: object) -> None:
    """End with the exit code that the command returned."""
    raise typer.Exit(code or exit_codes.OK)
