"""What the pages draw as SVG: the pipeline, and half an hour of a rate as a line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.console.sampling.samples import HISTORY_SPAN, Sample, StageSample

COLUMNS: Final = 60  # of a line: half a minute each
WIDTH: Final = 190
HEIGHT: Final = 30
PLACES: Final = {
    "ingest": (20, 105),
    "images": (305, 20),
    "images.fetch": (590, 20),
    "related": (305, 190),
    "publishing": (875, 105),
}
"""Where the README's drawing has each stage."""


@dataclass(frozen=True)
class Sparkline:
    """The points of two lines in a box of WIDTH and HEIGHT, and the rate at its top."""

    inward: str
    outward: str
    top: float


@dataclass(frozen=True)
class StageDrawing:
    """A stage with its place, its lines, and how it stands."""

    stage: StageSample
    x: int
    y: int
    sparkline: Sparkline
    level: str


def draw_stages(
    sample: Sample, history: Sequence[Sample], rate_level: Callable[[StageSample], str]
) -> list[StageDrawing]:
    """Every stage of *sample*, with the lines of *history*."""
    drawings: list[StageDrawing] = []
    for stage in sample.stages:
        x, y = PLACES.get(stage.name, (0, 0))
        line = draw_sparkline(stage.name, history, sample.at)
        drawings.append(StageDrawing(stage, x, y, line, rate_level(stage)))
    return drawings


def draw_sparkline(name: str, history: Sequence[Sample], until: datetime) -> Sparkline:
    """The rates of the stage over the half hour before *until*."""
    inward: list[list[float]] = [[] for _ in range(COLUMNS)]
    outward: list[list[float]] = [[] for _ in range(COLUMNS)]
    for sample in history:
        column = COLUMNS - 1 - int((until - sample.at) / HISTORY_SPAN * COLUMNS)
        stage = next((stage for stage in sample.stages if stage.name == name), None)
        if stage is None or not 0 <= column < COLUMNS:
            continue
        if stage.in_per_second is not None:
            inward[column].append(stage.in_per_second)
        if stage.out_per_second is not None:
            outward[column].append(stage.out_per_second)
    top = max((max(rates) for rates in inward + outward if rates), default=0.0)
    return Sparkline(_draw_line(inward, top), _draw_line(outward, top), top)


def _draw_line(columns: Sequence[Sequence[float]], top: float) -> str:
    """`x,y x,y …`; a column without a sample is left out."""
    points: list[str] = []
    for number, rates in enumerate(columns):
        if rates:
            mean = sum(rates) / len(rates)
            x = number * WIDTH / (COLUMNS - 1)
            y = HEIGHT - 1 - (mean / top if top else 0) * (HEIGHT - 2)
            points.append(f"{x:.1f},{y:.1f}")
    return " ".join(points)
