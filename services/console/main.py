"""The command line: every command with its name, and what an error means for the exit code."""

import typer

from services.console import articles, audit, demo, drop, export, rejected, status, tail, up, wait, watch
from services.console.output import complain
from shared import telemetry
from shared.errors import EngineAway, SeedwireError, SettingsError

DONE, FAILED, WRONG_USAGE, ENGINE_AWAY = 0, 1, 2, 3


def _end(code: int | None, **_: object) -> None:
    """What a command returns is its exit code."""
    raise typer.Exit(code or DONE)


app = typer.Typer(
    name="seedwire",
    help="Turns article seed files into published stories.",
    epilog="Exit codes: 0 done, 1 something was rejected or failed, 2 wrong usage or settings, 3 an engine is away. "
    "Settings are environment variables: see the README's table.",
    no_args_is_help=True,
    result_callback=_end,
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
app.command("audit")(audit.audit)
app.command("demo")(demo.demo)


def run() -> int:
    """Run the command that `sys.argv` names; returns its exit code."""
    telemetry.configure("seedwire", "ERROR")
    try:
        app()
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
