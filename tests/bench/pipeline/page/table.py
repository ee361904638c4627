"""The table: figures of a run, each beside the floor's, written as Markdown."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """Repeated measurements of one thing."""

    samples: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    def __str__(self) -> str:
        """The median, and how far the others are apart."""
        text = format_number(self.median)
        if len(self.samples) < 2:
            return text
        return f"{text} ({format_number(min(self.samples))} to {format_number(max(self.samples))})"


@dataclass(frozen=True)
class Row:
    what: str
    figure: Figure
    unit: str
    floor: Figure | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """To the floor of the same work in the same run."""
        if self.floor is None or self.floor.median == 0:
            return None
        return self.figure.median / self.floor.median

    @property
    def cells(self) -> list[str]:
        ratio = "" if self.ratio is None else format_number(self.ratio)
        floor = "" if self.floor is None else format_number(self.floor.median)
        return [self.what, str(self.figure), self.unit, floor, ratio, self.note]


@dataclass
class Section:
    """A part of the table. *left_out* says in words what could not be measured, and why."""

    title: str
    rows: list[Row] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(
        self,
        what: str,
        samples: Iterable[float],
        unit: str,
        floor: Iterable[float] | None = None,
        note: str = "",
    ) -> None:
        beside = None if floor is None else Figure(list(floor))
        self.rows.append(Row(what, Figure(list(samples)), unit, beside, note))


HEADINGS = ("what", "median (least to most)", "unit", "floor", "ratio", "")


def format_number(number: float) -> str:
    """Three digits that say something."""
    size = abs(number)
    if size >= 1000:
        return f"{number:,.0f}"
    if size >= 100:
        return f"{number:.0f}"
    if size >= 10:
        return f"{number:.1f}"
    return f"{number:.2f}" if size >= 0.1 or size == 0 else f"{number:.3f}"


def format_section(section: Section) -> str:
    lines = [f"## {section.title}", ""]
    if section.rows:
        lines += _format_rows(HEADINGS, [row.cells for row in section.rows])
    for sentence in section.left_out:
        lines += ["", f"**LEFT OUT**: {sentence}"]
    return "\n".join(lines) + "\n"


def _format_rows(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [_format_row(headings), _format_row(["---"] * len(headings))]
    return [*lines, *(_format_row(row) for row in rows)]


def _format_row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
