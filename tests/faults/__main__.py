"""`make faults N=1000 SEED=1 ENGINE=embedded|real`: a fault run; exit code 1 on a breach."""

import argparse
import logging
import sys
import tempfile
from pathlib import Path

import uvloop

from tests.faults.fault_kinds import FAULT_KINDS
from tests.faults.fault_run import ROUND, Plan, Report, run_plan
from tests.faults.planted_bugs import BUGS
from tests.faults.system.system_under_test import DRAIN_SECONDS

MAX_SHOWN_BREACHES = 40


def main() -> int:
    options = _build_parser().parse_args()
    plan = _build_plan(options)
    logging.disable()  # Kafka's client would report every loss of the broker, a thousand times
    with tempfile.TemporaryDirectory(prefix="seedwire-faults-") as folder:
        report = uvloop.run(run_plan(plan, options.keep or Path(folder)))
    _print_report(report)
    if options.keep:
        (options.keep / "breaches").write_text("\n".join(report.breaches))
    if report.breaches:
        print(f"\nagain: make faults N={plan.faults} SEED={plan.seed} ENGINE={plan.engine}")
    return int(bool(report.breaches))


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    add = parser.add_argument
    add("-n", type=int, default=200, help="number of faults")
    add("--seed", type=int, default=1, help="decides the drops, and the faults in their order")
    add("--engine", choices=["embedded", "real"], default="embedded")
    add(
        "--only",
        action="append",
        default=[],
        choices=list(FAULT_KINDS),
        metavar="KIND",
        help="a kind of fault; may be repeated",
    )
    add("--bug", help=f"SERVICE=NAME: plant one of {', '.join(BUGS)}")
    add("--round", type=int, default=ROUND, help="faults between two checks")
    add(
        "--drain-seconds",
        type=float,
        default=DRAIN_SECONDS,
        help="how long all drops may take to pass every stage",
    )
    add("--keep", type=Path, help="folder for logs and data, which is kept")
    return parser


def _build_plan(options: argparse.Namespace) -> Plan:
    bug = None
    if options.bug:
        service, _, name = options.bug.partition("=")
        bug = (service, name)
    return Plan(
        engine=options.engine,
        seed=options.seed,
        faults=options.n,
        only=options.only,
        bug=bug,
        round=options.round,
        drain_seconds=options.drain_seconds,
    )


def _print_report(report: Report) -> None:
    print(f"\n{report.injected} faults on {report.engine} engines, seed {report.seed}:")
    for name, count in (+report.faults).most_common():
        print(f"  {count:5}  {name}")
    print(f"{report.drops} drops, {report.articles} articles")
    if report.full_restarts:
        print(
            f"{report.full_restarts} times a consumer group of the embedded broker rejected joins, "
            "and everything was restarted"
        )
    longest = max(report.longest_recovery.values(), default=0)
    recoveries = [f"{kind} {value:.1f}" for kind, value in report.longest_recovery.items()]
    print(f"longest recovery {longest:.1f} s: {', '.join(recoveries)}")
    rate = report.injected / report.seconds
    print(f"{rate:.2f} faults a second over {report.seconds:.0f} s")
    print(f"seconds spent: inject {report.inject_seconds:.0f}, check {report.check_seconds:.0f}")
    print(f"{len(report.breaches)} breaches")
    for breach in report.breaches[:MAX_SHOWN_BREACHES]:
        print(f"  {breach}")


if __name__ == "__main__":
    sys.exit(main())
