"""`seedwire conformance`: plays a consumer what may happen, and says what it gets wrong."""

import asyncio
import shlex
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from services.console.cli.output import AsJson, print_json, print_line, print_note, show_status
from services.console.conformance.harness import Result, run_scenarios
from services.console.conformance.kafka_under_test import (
    KafkaUnderTest,
    open_embedded,
    open_given,
)
from shared.errors import SeedwireError, SettingsError

TIMEOUT: Final = 20.0  # seconds; a consumer with a group may need ten to join it again


Command = Annotated[
    str, typer.Option("--consumer", metavar="CMD", help="The command that starts the consumer.")
]
Kafka = Annotated[
    str,
    typer.Option(
        metavar="HOST:PORT", help="An Apache Kafka for tests; the embedded broker otherwise."
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="NAME", help="Only scenarios with this in their name."),
]
Timeout = Annotated[
    float, typer.Option(help="Seconds that the consumer has to be up to date.", min=1)
]


def conformance(
    consumer: Command,
    kafka: Kafka = "",
    only: Only = None,
    timeout: Timeout = TIMEOUT,
    as_json: AsJson = False,
) -> int:
    """Test whether a consumer of published.log and published.state does what it should.

    The consumer is any program in any language. CMD is started for each scenario, in an empty
    folder where it may keep what it likes over restarts, with SEEDWIRE_KAFKA in its environment
    (host:port). Words of CMD that name a file are made absolute. It prints a line of JSON for each
    change, and on SIGTERM all that it shows, by id, with the revisions:

      {"op": "upsert", "id": "a1", "revision": 3}

      {"op": "remove", "id": "a2", "revision": 2}

      {"final": {"a1": 3}}

    The scenarios: repeats, another order across keys, tombstones, unknown fields and types, junk, a
    gap, a new cluster, expired offsets, a late repeat of a retracted article, an event at the size
    limit, a restart between commits. The exit code is 1 if the consumer got one of them wrong.
    Expired offsets need Apache Kafka, where the scenarios create and delete published.log and
    published.state; a new cluster needs the embedded broker. What was left out is said.

    Examples:

      seedwire conformance --consumer "python consumer.py"

      seedwire conformance --consumer "node consumer.js" --kafka localhost:9092

      seedwire conformance --consumer ./consumer --only gap --only junk --json
    """
    results = asyncio.run(_run(_split(consumer), kafka, only or [], timeout, as_json))
    if not results:
        raise SettingsError(f"no scenario has {' or '.join(only or [])} in its name")
    if not as_json:
        _summarize(results)
    return int(any(result.faults for result in results))


def _split(command: str) -> list[str]:
    """The words of a command; those that name a file from here, as absolute paths."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise SettingsError(f"--consumer: {error}") from error
    if not words:
        raise SettingsError("--consumer: expected a command")
    return [str(Path(word).absolute()) if Path(word).exists() else word for word in words]


async def _run(
    command: Sequence[str], address: str, only: Sequence[str], timeout: float, as_json: bool
) -> list[Result]:
    results = []
    with tempfile.TemporaryDirectory(prefix="seedwire-conformance-") as name:
        folder = Path(name)
        async with _open_kafkas(folder / "broker", address) as kafkas:
            with show_status("Playing the scenarios") as status:
                async for result in run_scenarios(kafkas, command, folder, timeout, only):
                    results.append(result)
                    status.update(f"Played: {result.scenario}")
                    _print_result(result, as_json)
    return results


@asynccontextmanager
async def _open_kafkas(folder: Path, address: str) -> AsyncIterator[list[KafkaUnderTest]]:
    """The given Kafka, if any, and the embedded broker, if it is installed."""
    async with AsyncExitStack() as stack:
        kafkas = []
        if address:
            kafkas.append(await stack.enter_async_context(open_given(address)))
        try:
            kafkas.append(await stack.enter_async_context(open_embedded(folder)))
        except SeedwireError as error:
            if not kafkas:
                raise
            print_note(f"without the embedded broker: {error}")
        yield kafkas


def _print_result(result: Result, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "scenario": result.scenario,
                "status": result.status,
                "faults": list(result.faults),
                "leftOut": result.left_out or None,
            }
        )
        return
    print_line(f"{result.status:<9} {result.scenario}")
    for fault in result.faults:
        print_line(f"          {fault}")


def _summarize(results: Sequence[Result]) -> None:
    counts = {status: 0 for status in ("passed", "failed", "left out")}
    for result in results:
        counts[result.status] += 1
        if result.left_out:
            print_line(f"NOT PLAYED: {result.scenario}: {result.left_out}")
    listed = ", ".join(f"{count} {status}" for status, count in counts.items())
    print_line(f"conformance: {listed}")
