"""A run: one part after the other, each within its time, and the page written after every part.

A part that fails, or is ended because it took too long, says so on the page. What it had measured
by then stays, and the run goes on.
"""

import asyncio
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.pipeline.harness.processes import ROOT
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.page.targets import judge
from tests.bench.pipeline.scale import Scale

LEAST_SECONDS = 10.0  # with less than this left of the run, no part is begun
Measure = Callable[[Path, Scale, Report], Awaitable[None]]
"""Measures into the report; the folder is for its scratch."""


@dataclass(frozen=True)
class Part:
    """What is measured in one go. It is ended after *seconds*: twice what it takes when quiet."""

    measure: Measure
    seconds: float


@dataclass
class Run:
    """All parts together take *seconds* at the most."""

    parts: Mapping[str, Part]
    scale: Scale
    report: Report
    seconds: float
    is_patient: bool = False  # no part has a time of its own: the machine is busy, or much is asked

    def measure(self, names: Iterable[str]) -> bool:
        """Returns whether all of them could be measured."""
        began = time.monotonic()
        failed = False
        for name in names:
            left = began + self.seconds - time.monotonic()
            reason = self._measure_part(name, left)
            if reason:
                failed = True
                self.report.begin(f"Part `{name}`").left_out.append(reason)
            self.report.seconds = time.monotonic() - began
            self.report.targets = judge(self.report.sections)
            self.report.write()
        return not failed

    def _measure_part(self, name: str, left: float) -> str:
        """Returns why it could not be measured; nothing if it could."""
        if left < LEAST_SECONDS:
            return f'there was no time left for it: `make bench ONLY="{name}"`.'
        part = self.parts[name]
        seconds = left if self.is_patient else min(left, part.seconds)
        began = time.monotonic()
        minutes = f"{left / 60:.0f} minutes are left"
        print(f"{name}: {seconds:.0f} s at the most; {minutes}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
            measuring = part.measure(Path(scratch), self.scale, self.report)
            error = asyncio.run(_find_error(measuring, seconds))
        taken = time.monotonic() - began
        print(f"{name} took {taken:.0f} s", file=sys.stderr, flush=True)
        return _describe(error, name, taken)


async def _find_error(measuring: Awaitable[None], seconds: float) -> BaseException | None:
    limited = asyncio.wait_for(measuring, seconds)
    (outcome,) = await asyncio.gather(limited, return_exceptions=True)
    return outcome


def _describe(error: BaseException | None, name: str, taken: float) -> str:
    if error is None:
        return ""
    traceback.print_exception(error)
    again = f'`make bench ONLY="{name}"` gives it all the time there is'
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    if isinstance(error, TimeoutError) and not str(error):
        return f"this part was ended after {taken:.0f} s, which is too long; {again}."
    return f"this part failed after {taken:.0f} s: {reason.replace(f'{ROOT}/', '')}"
