"""`seedwire status`: Kafka, the store, the services, and where work is."""

import asyncio
from typing import Any, Final

from services.console.actions.operations.pending_work import label_waiting
from services.console.actions.operations.status import ServiceStatus, Status, load_status
from services.console.cli.output import AsJson, print_json, print_line, print_table
from shared.runtime import exit_codes
from shared.settings import Settings, load_settings

MAX_SET_ASIDE: Final = 5  # articles that are named
COUNTS: Final = ("received", "sent", "rejected", "retried", "undelivered")


def status(as_json: AsJson = False) -> int:
    """Show Kafka, the store, every service, and where work is.

    That is: lag, articles that wait, parked fetches and rejected records, and what has stood still
    for minutes. The exit code is 3 if Kafka or the store is unavailable.

    Examples:

      seedwire status

      seedwire status --json | jq .services
    """
    loaded = asyncio.run(load_status(load_settings(Settings)))
    if as_json:
        print_json(loaded.as_json())
    else:
        _print_status(loaded)
    return exit_codes.OK if loaded.kafka.is_available else exit_codes.DEPENDENCY_UNAVAILABLE


def _print_status(status: Status) -> None:
    images = status.pictures["contents"]
    print_line(f"Kafka    {status.kafka.address or '-'}  {status.kafka.problem or 'up'}")
    print_line(f"store    {status.store_address}")
    print_line(f"articles {status.articles}, {status.published} published; {images} pictures")
    print_line(f"parked   {status.parked}{_hint_at_parked(status.parked)}")
    print_line(f"rejected {status.rejected}{_hint_at_rejected(status.rejected)}")
    waiting = [f"{count} for {task}" for task, count in label_waiting(status.waiting)]
    print_line(f"waiting  {', '.join(waiting) or 'nothing'}")
    if status.unknown_linking:
        print_line(f"unknown  whether articles are to be linked anew: {status.unknown_linking}")
    if status.services:
        _print_services(status)
    else:
        print_line("no service reported within the last hour: `seedwire up` starts them")
    for process in status.missing:
        print_line(f"missing: {process.sentence}")
    if status.missing:
        print_line("`seedwire up --detach` starts what is not restarted by itself")
    for sentence in status.set_aside[:MAX_SET_ASIDE]:
        print_line(f"set aside: {sentence}")
    if len(status.set_aside) > MAX_SET_ASIDE:
        print_line(f"and {len(status.set_aside) - MAX_SET_ASIDE} more: `seedwire audit` names all")
    for standstill in status.standstills:
        print_line(f"standing still: {standstill.sentence}")


def _print_services(status: Status) -> None:
    counts = [f"{name}#" for name in COUNTS]
    columns = ("service", "pid#", "state", "lag#", *counts, "instance", "note")
    print_line()
    print_table(columns, [_build_row(service) for service in status.services])
    lags = [f"{service} {lag}" for service, lag in status.kafka.lags.items() if lag]
    print_line()
    print_line(f"records not yet handled, by service: {', '.join(lags) or 'none'}")


def _build_row(service: ServiceStatus) -> tuple[Any, ...]:
    heartbeat = service.heartbeat
    return (
        heartbeat.service,
        heartbeat.pid,
        service.state,
        heartbeat.lag,
        *[heartbeat.counts.get(name) for name in COUNTS],
        heartbeat.instance,
        heartbeat.note,
    )


def _hint_at_parked(count: int) -> str:
    return " (image fetches to be repeated later)" if count else ""


def _hint_at_rejected(count: int) -> str:
    return " (`seedwire rejected list` shows why)" if count else ""
