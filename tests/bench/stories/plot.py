"""Plots the curve: what an article costs over the size of its story."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot

from tests.bench.stories.newsroom import Cost

TARGET: Final = 3  # times an article alone

mpl.rcParams["svg.hashsalt"] = "seedwire"
mpl.rcParams["svg.fonttype"] = "none"


def draw(costs: Mapping[int, Cost], path: Path) -> None:
    """Draw *costs* by the size of stories; the first is that of articles alone."""
    sizes = [*costs]
    alone = costs[sizes[0]].total
    figure, axes = pyplot.subplots(figsize=(9, 4), layout="constrained")
    totals = [cost.total / alone for cost in costs.values()]
    axes.plot(sizes, totals, marker="o", label="linking and publishing")
    linking = [cost.related / alone for cost in costs.values()]
    axes.plot(sizes, linking, marker="o", label="linking")
    axes.axhline(TARGET, color="grey", linestyle="--", label="the target")
    axes.set(xlabel="articles of the story", ylabel="times an article alone", ylim=(0, None))
    axes.set(xscale="log", title="What an article costs in a story")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, format="svg", metadata={"Date": None})
    pyplot.close(figure)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line.rstrip() for line in lines) + "\n")
