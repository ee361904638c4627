"""`seedwire up`: starts the services, and the engines that no setting names."""

from typing import Annotated

import typer

from services.console.actions.operations.planned_processes import check_settings
from services.console.actions.operations.process_control import (
    request_plan,
    start_supervisor,
    wait_until_ready,
)
from services.console.cli.author import resolve_author
from services.console.cli.output import print_line, print_note, show_status
from services.console.cli.session import run_with_store
from services.console.supervisor.process_plan import Plan, describe_change, make_plan
from services.console.supervisor.state_dir import StateDir, read_if_exists
from services.console.web.security.sign_in_link import make_sign_in_link
from services.console.web.settings import ConsoleSettings
from services.console.web_address import load_web_url
from shared.runtime.logging import logs
from shared.settings import Settings, load_settings

Names = Annotated[list[str] | None, typer.Argument(metavar="NAME", help="More names for --only.")]
Only = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Start only this service. May be repeated."),
]
Workers = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=NUMBER", help="How many processes, for example images=2,related=2."),
]
Detach = Annotated[
    bool, typer.Option("--detach", "-d", help="Return as soon as every service works.")
]


def up(
    names: Names = None, only: Only = None, workers: Workers = None, detach: Detach = False
) -> None:
    """Start the services, watch them and restart those that end.

    Without SEEDWIRE_KAFKA, starts an embedded broker, which other Kafka clients find on port
    SEEDWIRE_BROKER_PORT (9092); without SEEDWIRE_STORE, uses a SQLite file.
    If Seedwire runs already, that instance changes to the given numbers, and what is not named
    keeps the number it has. With --only, it changes to the given services.

    Examples:

      seedwire up --detach

      seedwire up --workers images=4,related=2

      seedwire up --only ingest publishing
    """
    settings = load_settings(Settings)
    state_dir = StateDir(settings.home.absolute())
    before = state_dir.load_running_plan()
    numbers = before.workers if before else None
    plan = make_plan([*(only or ()), *(names or ())], workers or (), numbers)
    check_settings(plan)
    _note_left_out(plan)
    running = request_plan(state_dir, plan)
    services = ", ".join(plan.process_names)
    if numbers is not None:
        print_line(describe_change(numbers, plan.workers))
    if running is not None:
        _show_start(state_dir, plan, running)
        print_line(f"ready: {services} (run by the supervisor that was up, process {running})")
        _print_addresses(settings, plan)
    elif detach:
        _show_start(state_dir, plan, start_supervisor(state_dir))
        print_line(f"ready: {services}; logs in {state_dir.log_dir}; stop with `seedwire down`")
        _print_addresses(settings, plan)
    else:
        _run_in_foreground(state_dir, settings)


def _note_left_out(plan: Plan) -> None:
    for service in plan.left_out:
        print_note(
            f"seedwire: {service} will not run: what waits for it waits until "
            f"`seedwire up --workers {service}=1`"
        )


def _show_start(state_dir: StateDir, plan: Plan, pid: int) -> None:
    """Wait until every process works, and show that on standard error."""
    with show_status(f"starting {', '.join(plan.process_names)}"):
        wait_until_ready(state_dir, plan, pid)


def _print_addresses(settings: Settings, plan: Plan) -> None:
    print_line(f"Kafka clients connect to {settings.kafka_address}")
    if plan.workers.get("web"):
        print_line(f"web is at {run_with_store(load_web_url)}")
    if settings.metrics_port:
        url = f"http://{settings.health_host}:{settings.metrics_port}/metrics"
        print_line(f"metrics of all services are at {url}")
    if plan.workers.get("console"):
        console = load_settings(ConsoleSettings)
        url = read_if_exists(console.console_address_file)
        link = make_sign_in_link(console, url, resolve_author(""))
        print_line(f"the console is at {url}; to sign in, within ten minutes: {link}")


def _run_in_foreground(state_dir: StateDir, settings: Settings) -> None:
    # Only this process then is the supervisor, so only it has to import all of it.
    from services.console.actions.operations.foreground import run_supervisor

    logs.configure_from(settings, "supervisor")
    store = settings.store_url.split("@")[-1]  # without a password
    print_note(f"seedwire: state in {state_dir.path}, store {store}; Ctrl-C stops everything")
    run_supervisor(state_dir, settings)
