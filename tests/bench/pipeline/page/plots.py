"""The plots of a run, as SVG."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.bench.pipeline.page.table import Section
from tests.bench.pipeline.promises.measurement import PromiseTable


@dataclass(frozen=True)
class Step:
    """The most megabytes of each process after so many articles, and the pace of the last ones."""

    articles: int
    peaks: dict[str, float]
    articles_a_second: float


def draw_bars(section: Section, ending: str, path: Path) -> None:
    """A bar for each row whose name ends in *ending*; the line is the spread."""
    builds = [row for row in section.rows if row.what.endswith(f": {ending}")]
    rows = [row for row in builds if "beside" not in row.what]
    names = [row.what.removesuffix(ending).rstrip(": ") for row in rows]
    values = [row.figure.median for row in rows]
    below = [row.figure.median - min(row.figure.samples) for row in rows]
    above = [max(row.figure.samples) - row.figure.median for row in rows]
    figure, axes = _load_pyplot().subplots(figsize=(9, 0.5 * len(rows) + 1.2), layout="constrained")
    axes.barh(names, values, xerr=[below, above], color="#4878a8")
    axes.invert_yaxis()
    unit = rows[0].unit if rows else ""
    axes.set(xlabel=unit, xscale="log", title=section.title)
    axes.grid(axis="x", alpha=0.3)
    _save(figure, path)


def draw_memory(steps: Sequence[Step], path: Path) -> None:
    figure, axes = _load_pyplot().subplots(figsize=(9, 4), layout="constrained")
    articles = [step.articles for step in steps]
    for role in steps[0].peaks:
        axes.plot(articles, [step.peaks[role] for step in steps], marker="o", label=role)
    axes.set(xlabel="articles", ylabel="MB at the peak", ylim=(0, None), title="Memory")
    axes.grid(alpha=0.3)
    axes.legend()
    _save(figure, path)


def draw_promises(table: PromiseTable, path: Path) -> None:
    costs = sorted(table.costs, key=lambda cost: -cost.cpu_ms)
    figure, axes = _load_pyplot().subplots(figsize=(9, 0.36 * len(costs) + 1), layout="constrained")
    axes.barh([cost.name for cost in costs], [cost.cpu_ms for cost in costs], color="#4878a8")
    axes.invert_yaxis()
    axes.set(xlabel="ms of CPU an article", title="What each promise costs")
    axes.grid(axis="x", alpha=0.3)
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    metadata: Mapping[str, str | None] = {"Date": None}
    figure.savefig(path, format="svg", metadata=metadata)
    _load_pyplot().close(figure)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line.rstrip() for line in lines) + "\n")


@cache
def _load_pyplot() -> Any:
    """matplotlib's, which only `make bench` installs; the same figures give the same file."""
    matplotlib = importlib.import_module("matplotlib")
    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.hashsalt": "seedwire", "svg.fonttype": "none"})
    return importlib.import_module("matplotlib.pyplot")
