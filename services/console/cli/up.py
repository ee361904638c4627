"""`seedwire up` and `seedwire down`: engines and services, supervised."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from services.console.cli.output import complain, progress_console, say
from services.console.supervisor import process_plan
from services.console.supervisor.state_dir import Home, HomeTaken, last_line, written
from services.console.supervisor.supervisor import Supervisor, readied
from shared.errors import EngineAway, SeedwireError
from shared.runtime import logs
from shared.settings import Settings, read

START_SECONDS = (
    90.0  # a busy machine takes a second of CPU for each process, a group some seconds to form
)
STOP_SECONDS = 60.0


def up(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="More names for --only.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Start these services alone.", metavar="NAME")
    ] = None,
    workers: Annotated[
        list[str] | None, typer.Option(help="How many of each, as images=2,related=2.")
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Return when all is ready.")
    ] = False,
) -> None:
    """Start the engines and services, and look after them.

    Without SEEDWIRE_KAFKA an embedded broker is started, without SEEDWIRE_STORE a SQLite file is used. Where it runs
    already, the running one takes up the new numbers.

    Examples:

      seedwire up --detach

      seedwire up --workers images=4,related=2

      seedwire up --only ingest publishing
    """
    settings = read(Settings)
    home = Home(settings.home.absolute())
    plan = process_plan.plan([*(only or ()), *(names or ())], workers or ())
    running = home.supervisor()
    home.save_plan(plan)
    if running:
        os.kill(running, signal.SIGHUP)
        await_ready(home, plan, running)
        say(
            f"ready: {', '.join(plan.slots)} (taken up by the supervisor that runs, process {running})"
        )
    elif detach:
        pid = start_detached(home)
        await_ready(home, plan, pid)
        say(f"ready: {', '.join(plan.slots)}; logs in {home.logs}; stop with `seedwire down`")
    else:
        _stay(home, settings)


def down() -> None:
    """Stop what `seedwire up` started.

    Services first, each finishing its batch, then the broker.

    Examples:

      seedwire down
    """
    home = Home(read(Settings).home.absolute())
    pid = home.supervisor()
    if pid is None:
        say(f"nothing runs in {home.folder}")
        return
    stop(home, pid)
    say("stopped")


def stop(home: Home, pid: int) -> None:
    """Stop the supervisor and all it started. Raises SeedwireError when it does not end."""
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    while home.supervisor() is not None:
        if time.monotonic() > until:
            raise SeedwireError(
                f"the supervisor, process {pid}, did not stop within {STOP_SECONDS:g} s"
            )
        time.sleep(0.05)


def start_detached(home: Home) -> int:
    """Start a supervisor of its own session with the plan that is saved. Returns its process id."""
    home.make()
    with supervisor_log(home).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.console.supervisor"],
            env={**os.environ, "SEEDWIRE_HOME": str(home.folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return process.pid


def await_ready(home: Home, plan: process_plan.Plan, pid: int) -> None:
    """Wait until everything in *plan* works, saying what is awaited. Raises SeedwireError when it will not be."""
    until = time.monotonic() + START_SECONDS
    with progress_console().status(f"starting {', '.join(plan.slots)}"):
        while not readied(home, plan):
            if not _alive(pid):
                raise SeedwireError(f"the supervisor ended: {last_line(supervisor_log(home))}")
            if home.plan().number != plan.number:
                raise SeedwireError(
                    "another `seedwire up` asked for other numbers meanwhile: `seedwire status`"
                )
            if trouble := written(home.trouble):
                raise SeedwireError(f"{trouble}; the rest runs on: `seedwire down` stops it")
            if time.monotonic() > until:
                raise EngineAway(
                    f"not ready after {START_SECONDS:g} s: see `seedwire status`, and the logs in {home.logs}"
                )
            time.sleep(0.05)


def supervisor_log(home: Home) -> Path:
    return home.logs / "supervisor.log"


def _stay(home: Home, settings: Settings) -> NoReturn:
    logs.configure("supervisor", settings.log_level)
    complain(
        f"data in {home.folder}, store {settings.store_url.split('@')[-1]}; Ctrl-C stops everything in order"
    )
    try:
        asyncio.run(Supervisor(home, settings).work())
    except HomeTaken as error:
        raise SeedwireError(
            f"{error}: `seedwire status` shows it, `seedwire down` stops it"
        ) from error
    raise typer.Exit(0)


def _alive(pid: int) -> bool:
    """Whether the process lives; a child of ours that ended is buried here."""
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass  # not a child of ours
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
