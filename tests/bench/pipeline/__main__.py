"""What Seedwire costs, in one table beside a floor: `make bench`, or

    python -m tests.bench.pipeline [--whole] [--quick] [--only PART …] [--stream NAME]
        [--into FOLDER]

Under a quarter of an hour on two quiet cores. It writes `docs/benchmarks/table.md` and its plots,
after every part anew, and prints the page at the end. What it says: docs/performance.md.
"""

import argparse
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tests.bench.pipeline.harness.processes import ROOT
from tests.bench.pipeline.page.machine import describe_machine
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.parts.apache_kafka import measure_kafka, measure_stand_in
from tests.bench.pipeline.parts.commands import measure_commands
from tests.bench.pipeline.parts.latency import measure_latency
from tests.bench.pipeline.parts.memory import measure_memory
from tests.bench.pipeline.parts.promise_costs import measure_promise_costs
from tests.bench.pipeline.parts.real_feed import measure_real_feed
from tests.bench.pipeline.parts.services_alone import measure_services
from tests.bench.pipeline.parts.start_up import measure_start_up
from tests.bench.pipeline.parts.throughput import measure_embedded, measure_workers
from tests.bench.pipeline.parts.transport import measure_transport
from tests.bench.pipeline.parts.waits import measure_waits
from tests.bench.pipeline.run import Part, Run
from tests.bench.pipeline.scale import TINY, USUAL, WHOLE

PAGE = ROOT / "docs" / "benchmarks"
PARTS: Mapping[str, Part] = {
    "embedded": Part(measure_embedded, 200),
    "promises": Part(measure_promise_costs, 60),
    "latency": Part(measure_latency, 110),
    "startup": Part(measure_start_up, 100),
    "commands": Part(measure_commands, 240),
    "kafka": Part(measure_kafka, 200),
    "alone": Part(measure_services, 100),
    "memory": Part(measure_memory, 180),
    "feed": Part(measure_real_feed, 150),
    "waits": Part(measure_waits, 60),
    "workers": Part(measure_workers, 110),
    "transport": Part(measure_transport, 110),
    "stand-in": Part(measure_stand_in, 150),
}
"""The most telling first: if time runs out, the last are ended or left out."""


def main() -> int:
    options = _parse_arguments()
    for name in [name for name in os.environ if name.startswith("SEEDWIRE_")]:
        del os.environ[name]  # the settings of this shell are none of the run
    os.environ["SEEDWIRE_PAGES"] = "off"
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # topics that were created just now
    scale = TINY if options.quick else WHOLE if options.whole else USUAL
    scale = replace(scale, stream=options.stream)
    options.into.mkdir(parents=True, exist_ok=True)
    report = Report(options.into, describe_machine(), scale.describe())
    report.remove_old_plots()
    is_patient = bool(options.whole or options.only)
    run = Run(PARTS, scale, report, 60 * options.minutes, is_patient)
    succeeded = run.measure(options.only or PARTS)
    print((report.folder / "table.md").read_text())
    return 0 if succeeded else 1


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pipeline")
    parser.add_argument("--whole", action="store_true", help="memory over 100,000 articles")
    parser.add_argument("--quick", action="store_true", help="a few articles: does it run at all")
    parser.add_argument("--only", nargs="+", choices=[*PARTS], help="these parts alone")
    parser.add_argument(
        "--stream", default="", help="the labelled stream that the part `feed` takes, all of it"
    )
    parser.add_argument(
        "--minutes", type=float, default=14.2, help="what is not measured by then is left out"
    )
    parser.add_argument("--into", type=Path, default=PAGE, help="the folder of the page")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
