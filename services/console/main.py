"""The command line: every command with its name, and what an error means for the exit code."""

import sys

import click
import typer

from services.console import articles, demo, drop, export, rejected, status, tail, up, wait, watch
from services.console.output import complain
from shared import telemetry
from shared.errors import EngineAway, SeedwireError, SettingsError

DONE, FAILED, WRONG_USAGE, ENGINE_AWAY = 0, 1, 2, 3

app = typer.Typer(
    name="seedwire",
    help="Turns article seed files into published stories.",
    epilog="Exit codes: 0 done, 1 something was rejected or failed, 2 wrong usage or settings, 3 an engine is away. "
    "Settings are environment variables: see the README's table.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("up")(up.up)
app.command("down")(up.down)
app.command("status")(status.status)
app.command("drop")(drop.drop)
app.command("wait")(wait.wait)
app.command("list")(articles.list_articles)
app.command("show")(articles.show)
app.command("why")(articles.why)
app.command("tail")(tail.tail)
app.command("watch")(watch.watch)
app.add_typer(rejected.app, name="rejected")
app.command("export")(export.export)
app.command("demo")(demo.demo)


def run() -> int:
    """Run the command that `sys.argv` names; returns its exit code."""
    telemetry.configure("seedwire", "WARNING")
    try:
        code = app(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return WRONG_USAGE
    except (click.exceptions.Abort, KeyboardInterrupt):
        complain("stopped")
        return 130
    except BrokenPipeError:  # the reader of our output has seen enough: `seedwire list | head`
        sys.stderr.close()
        return DONE
    except SeedwireError as error:
        complain(str(error))
        return _code(error)
    return int(code or DONE)


def _code(error: SeedwireError) -> int:
    if isinstance(error, EngineAway):
        return ENGINE_AWAY
    return WRONG_USAGE if isinstance(error, SettingsError) else FAILED
