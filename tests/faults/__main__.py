"""`make faults N=1000 SEED=1 ENGINE=embedded|real`: a fault run for people. Exit code 1 on a breach."""

import argparse
import logging
import sys
import tempfile
from pathlib import Path

import uvloop

from tests.faults.bugs import BUGS
from tests.faults.newsroom import DRAIN_SECONDS
from tests.faults.run import ROUND, Plan, Report, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("-n", type=int, default=200, help="faults")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=["embedded", "real"], default="embedded")
    parser.add_argument(
        "--only", action="append", default=[], help="a kind of fault; may be given again"
    )
    parser.add_argument("--bug", help=f"SERVICE=NAME: plant one of {', '.join(BUGS)}")
    parser.add_argument("--round", type=int, default=ROUND, help="faults between two checks")
    parser.add_argument(
        "--patience", type=float, default=DRAIN_SECONDS, help="seconds for all to be through"
    )
    parser.add_argument("--keep", type=Path, help="folder for logs and data; kept")
    given = parser.parse_args()
    bug = tuple(given.bug.split("=", 1)) if given.bug else None
    logging.disable()  # Kafka's client says a thousand times that the broker is away: so it is meant to be
    plan = Plan(given.engine, given.seed, given.n, given.only, bug, given.round, given.patience)
    with tempfile.TemporaryDirectory(prefix="seedwire-faults-") as folder:
        report = uvloop.run(run(plan, given.keep or Path(folder)))
    _show(report)
    if given.keep:
        (given.keep / "breaches").write_text("\n".join(report.breaches))
    if report.breaches:
        print(f"\nagain: make faults N={given.n} SEED={given.seed} ENGINE={given.engine}")
    return int(bool(report.breaches))


def _show(report: Report) -> None:
    print(f"\n{report.injected} faults on {report.kind} engines, seed {report.seed}:")
    for name, number in report.faults.most_common():
        print(f"  {number:5}  {name}")
    print(f"{report.drops} drops, {report.articles} articles")
    if report.started_over:
        print(
            f"{report.started_over} times a group of the embedded broker locked, and everything was started anew"
        )
    longest = max(report.longest.values(), default=0)
    print(
        f"longest recovery {longest:.1f} s: "
        + ", ".join(f"{k} {v:.1f}" for k, v in report.longest.items())
    )
    print(f"{report.injected / report.seconds:.2f} faults a second over {report.seconds:.0f} s")
    print(
        "seconds spent: "
        + ", ".join(f"{name} {seconds:.0f}" for name, seconds in report.spent.items())
    )
    print(f"{len(report.breaches)} breaches")
    for breach in report.breaches[:40]:
        print(f"  {breach}")


if __name__ == "__main__":
    sys.exit(main())
