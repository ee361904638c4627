"""A run of `make bench`: a part that fails or takes too long does not take the page with it."""

import asyncio
import inspect
from pathlib import Path

import pytest

from tests.bench.pipeline.__main__ import PARTS
from tests.bench.pipeline.harness.processes import ROOT
from tests.bench.pipeline.harness.timed_service import TIMED
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.run import Part, Run
from tests.bench.pipeline.scale import TINY, Scale


async def measure_well(_: Path, __: Scale, report: Report) -> None:
    report.begin("Good").add("thing", [1.0], "s")


async def fail_midway(_: Path, __: Scale, report: Report) -> None:
    report.begin("Half").add("first half", [2.0], "s")
    raise ValueError("no such engine")


async def never_end(_: Path, __: Scale, report: Report) -> None:
    report.begin("Slow").add("beginning", [3.0], "s")
    await asyncio.Event().wait()


def measure(folder: Path, parts: dict[str, Part], seconds: float = 60) -> tuple[bool, str]:
    """Whether all parts succeeded, and the page."""
    run = Run(parts, TINY, Report(folder, "A machine.", ""), seconds)
    succeeded = run.measure(parts)
    return succeeded, (folder / "table.md").read_text()


def test_a_part_that_fails_says_why_and_the_others_are_measured(tmp_path: Path):
    parts = {"bad": Part(fail_midway, 60), "good": Part(measure_well, 60)}
    succeeded, page = measure(tmp_path, parts)
    assert not succeeded
    assert "no such engine" in page
    assert "| first half | 2.00 |" in page
    assert "| thing | 1.00 |" in page


def test_a_part_that_takes_too_long_is_ended_and_keeps_what_it_has(tmp_path: Path):
    parts = {"slow": Part(never_end, 0.01), "good": Part(measure_well, 60)}
    succeeded, page = measure(tmp_path, parts)
    assert not succeeded
    assert "this part was ended after" in page
    assert 'ONLY="slow"' in page
    assert "| beginning | 3.00 |" in page
    assert "| thing | 1.00 |" in page


def test_a_part_for_which_no_time_is_left_is_named(tmp_path: Path):
    succeeded, page = measure(tmp_path, {"late": Part(measure_well, 60)}, seconds=1)
    assert not succeeded
    assert 'there was no time left for it: `make bench ONLY="late"`' in page


def test_parts_that_are_measured_leave_no_complaint(tmp_path: Path):
    succeeded, page = measure(tmp_path, {"good": Part(measure_well, 60)})
    assert succeeded
    assert "LEFT OUT" not in page


@pytest.mark.parametrize(("owner", "name", "wait"), TIMED)
def test_the_methods_that_are_timed_exist(owner: type, name: str, wait: str):
    assert inspect.iscoroutinefunction(getattr(owner, name)), wait


def test_the_page_on_performance_names_every_part():
    page = (ROOT / "docs" / "performance.md").read_text()
    (sentence,) = [line for line in page.splitlines() if "runs parts alone" in line]
    assert all(f"`{name}`" in sentence for name in PARTS)
