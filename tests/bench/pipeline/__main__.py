"""What Seedwire costs, in one table beside a floor: `make bench`, or

    python -m tests.bench.pipeline [--whole] [--quick] [--only PART …] [--into FOLDER]

Under a quarter of an hour on two quiet cores. It writes `docs/benchmarks/table.md` and its plots,
after every part anew, and prints the page at the end. What it says: docs/performance.md.
"""

import argparse
import asyncio
import logging
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tests.bench.pipeline.commands import measure_commands, measure_start_up
from tests.bench.pipeline.latency import measure_latency
from tests.bench.pipeline.machine import describe_machine
from tests.bench.pipeline.memory import measure_memory
from tests.bench.pipeline.plots import draw_bars, draw_memory, draw_promises
from tests.bench.pipeline.processes import ROOT
from tests.bench.pipeline.promises import measure_promises
from tests.bench.pipeline.report import Report
from tests.bench.pipeline.scale import TINY, USUAL, WHOLE, Scale
from tests.bench.pipeline.services_alone import measure_services
from tests.bench.pipeline.table import Section
from tests.bench.pipeline.targets import judge
from tests.bench.pipeline.throughput import measure_throughput, measure_workers
from tests.bench.pipeline.transport import measure_transport
from tests.bench.pipeline.waits import measure_waits

PAGE = ROOT / "docs" / "benchmarks"
Measure = Callable[[Path, Scale, Report], Awaitable[None]]


async def embedded(scratch: Path, scale: Scale, report: Report) -> None:
    section = await measure_throughput(scratch, "embedded", scale)
    report.sections.append(section)
    draw_bars(section, "throughput", report.folder / "throughput.svg")
    draw_bars(section, "CPU", report.folder / "cpu.svg")


async def real(scratch: Path, scale: Scale, report: Report) -> None:
    report.sections.append(await measure_throughput(scratch, "real", scale))


async def alone(scratch: Path, scale: Scale, report: Report) -> None:
    report.sections.append(await measure_services(scratch, scale))


async def latency(scratch: Path, scale: Scale, report: Report) -> None:
    report.sections.append(await measure_latency(scratch / "embedded", "embedded", scale))
    report.sections.append(await measure_latency(scratch / "real", "real", scale))


async def workers(scratch: Path, scale: Scale, report: Report) -> None:
    report.sections.append(await measure_workers(scratch, scale))


async def memory(scratch: Path, scale: Scale, report: Report) -> None:
    section, steps = await measure_memory(scratch, scale)
    report.sections.append(section)
    draw_memory(steps, report.folder / "memory.svg")


async def startup(scratch: Path, scale: Scale, report: Report) -> None:
    report.sections.append(await measure_start_up(scratch, scale))


async def commands(scratch: Path, scale: Scale, report: Report) -> None:
    report.sections.append(await measure_commands(scratch, scale))


async def transport(scratch: Path, scale: Scale, report: Report) -> None:
    report.sections.append(await measure_transport(scratch, scale))


async def promises(scratch: Path, scale: Scale, report: Report) -> None:
    report.promises = await measure_promises(scratch, scale.promise_articles)
    draw_promises(report.promises, report.folder / "promises.svg")


async def waits(scratch: Path, scale: Scale, report: Report) -> None:
    report.sections.append(await measure_waits(scratch, scale))


# The most telling first: what there is no time for is left out.
PARTS: Mapping[str, Measure] = {
    "embedded": embedded,
    "promises": promises,
    "waits": waits,
    "latency": latency,
    "real": real,
    "startup": startup,
    "commands": commands,
    "alone": alone,
    "transport": transport,
    "memory": memory,
    "workers": workers,
}


def main() -> int:
    options = _parse_arguments()
    for name in [name for name in os.environ if name.startswith("SEEDWIRE_")]:
        del os.environ[name]  # the settings of this shell are none of the run
    os.environ["SEEDWIRE_PAGES"] = "off"
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # topics that were created just now
    scale = TINY if options.quick else WHOLE if options.whole else USUAL
    settings = (
        f"{scale.repeats} repetitions ({scale.few_repeats} of what takes long) of "
        f"{scale.articles:,} articles ({scale.slow_articles:,} of the slow builds), "
        "unrelated and without pictures."
    )
    options.into.mkdir(parents=True, exist_ok=True)
    report = Report(options.into, describe_machine(), settings)
    began = time.monotonic()
    failed = False
    for name in options.only or PARTS:
        if time.monotonic() - began > 60 * options.minutes:
            sentence = f'there was no time left for it: `make bench ONLY="{name}"`.'
            report.sections.append(Section(name, left_out=[sentence]))
        else:
            failed |= not _run_part(name, scale, report)
        report.seconds = time.monotonic() - began
        report.targets = judge(report.sections)
        report.write()
    print((report.folder / "table.md").read_text())
    return 1 if failed else 0


def _run_part(name: str, scale: Scale, report: Report) -> bool:
    """Whether it could be measured. If not, the table says so, and the run goes on."""
    began = time.monotonic()
    print(f"{name}…", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        error = asyncio.run(_find_error(PARTS[name](Path(scratch), scale, report)))
    print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    if error is None:
        return True
    traceback.print_exception(error)
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    report.sections.append(Section(name, left_out=[f"this part failed: {reason}"]))
    return False


async def _find_error(part: Awaitable[None]) -> BaseException | None:
    (outcome,) = await asyncio.gather(part, return_exceptions=True)
    return outcome


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pipeline")
    parser.add_argument("--whole", action="store_true", help="memory over 100,000 articles")
    parser.add_argument("--quick", action="store_true", help="a few articles: does it run at all")
    parser.add_argument("--only", nargs="+", choices=[*PARTS], help="these parts alone")
    parser.add_argument(
        "--minutes", type=float, default=13.5, help="after these no other part is begun"
    )
    parser.add_argument("--into", type=Path, default=PAGE, help="the folder of the page")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
