"""Plots a run as a PNG."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot

from tests.bench.scale.measurement import Step

PANELS = {
    "candidates": "candidates of a new article",
    "micros": "µs to find them",
    "bytes": "bytes per article",
}


def draw(steps: Sequence[Step], path: Path) -> None:
    """Draw a line for each engine and density, over the articles in the store."""
    lines: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        lines[f"{step.engine}, {step.per_day:,} articles a day"].append(step)
    figure, panels = pyplot.subplots(1, len(PANELS), figsize=(13, 4.2), layout="constrained")
    for panel, (name, title) in zip(panels, PANELS.items(), strict=True):
        for label, line in lines.items():
            values = [getattr(step, name) for step in line]
            if any(values):
                panel.plot([step.articles for step in line], values, marker="o", label=label)
        panel.set(title=title, xlabel="articles in the store", xscale="log")
        panel.grid(alpha=0.3)
        if name == "micros":
            panel.set_yscale("log")
        else:
            panel.set_ylim(0, 1.1 * max(getattr(step, name) for step in steps))
    panels[0].legend(fontsize=8, loc="lower right")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
