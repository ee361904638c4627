"""The targets, and whether this run met them."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.bench.pipeline.page.table import Row, Section, format_number


@dataclass(frozen=True)
class Target:
    """What is to be reached: *row* of a section whose title begins so, by ratio or by value."""

    sentence: str
    section: str
    row: str
    limit: float
    is_least: bool = False
    is_ratio: bool = False

    def judge(self, row: Row) -> str:
        value = row.figure.median
        if self.is_ratio:
            value = row.ratio or 0.0
        is_met = value >= self.limit if self.is_least else value <= self.limit
        word = "met" if is_met else "**missed**"
        return f"| {self.sentence} | {format_number(value)} | {word} |"


EMBEDDED = "The whole pipeline: the embedded"
IDLE_EMBEDDED = "From drop to published: the embedded"
IDLE_KAFKA = "From drop to published: Apache"
COMMANDS = "Commands, with"
GIVEN = "Seedwire, relations given"
TABLE = "Seedwire, linked by table"
BUSY = f"{TABLE}: both cores at work"
IDLE = f"{TABLE}, idle: "
MODEL = "Seedwire, linked by model"


def _at_least(sentence: str, section: str, row: str, limit: float, is_ratio: bool) -> Target:
    return Target(f"{sentence}: at least {limit:g}", section, row, limit, True, is_ratio)


def _at_most(sentence: str, section: str, row: str, limit: float, is_ratio: bool = False) -> Target:
    return Target(f"{sentence}: at most {limit:g}", section, row, limit, False, is_ratio)


TARGETS = (
    _at_least(
        "throughput without linking, of the floor's", EMBEDDED, f"{GIVEN}: throughput", 0.2, True
    ),
    _at_most("CPU without linking, of the floor's", EMBEDDED, f"{GIVEN}: CPU", 4, True),
    _at_least(
        "throughput without linking, of the idiomatic build's",
        EMBEDDED,
        f"{GIVEN}, beside the idiomatic build: throughput",
        5,
        True,
    ),
    _at_most("ms of CPU an article, linked by table", EMBEDDED, f"{TABLE}: CPU", 1.6),
    _at_most("ms of CPU an article, linked by model", EMBEDDED, f"{MODEL}: CPU", 12),
    _at_least("share of both cores at work", EMBEDDED, BUSY, 0.9, False),
    _at_most(
        "ms from drop to published, embedded, p50",
        IDLE_EMBEDDED,
        f"{IDLE}p50",
        150,
    ),
    _at_most("the same, p99", IDLE_EMBEDDED, f"{IDLE}p99", 400),
    _at_most(
        "ms from drop to published, Kafka, p50",
        IDLE_KAFKA,
        f"{IDLE}p50",
        100,
    ),
    _at_most("the same, p99", IDLE_KAFKA, f"{IDLE}p99", 400),
    _at_most("share of a core at idle, embedded", IDLE_EMBEDDED, f"{TABLE}: CPU at idle", 0.05),
    _at_most("share of a core at idle, Apache Kafka", IDLE_KAFKA, f"{TABLE}: CPU at idle", 0.05),
    _at_most("seconds until `seedwire up` is ready", "Start-up", "ready", 6),
    _at_most("seconds of `seedwire --help`", COMMANDS, "seedwire --help", 0.2),
    _at_most("seconds of `seedwire status`", COMMANDS, "seedwire status", 1),
    _at_most("seconds of `seedwire list`, a page of 50", COMMANDS, "seedwire list --limit 50", 1),
    _at_most("seconds of `seedwire list --published`", COMMANDS, "seedwire list --published", 1),
    _at_most("seconds of `seedwire list`, everything", COMMANDS, "seedwire list", 1),
    _at_most("seconds of `seedwire show`", COMMANDS, "seedwire show ID", 1),
    _at_most("ms an article of `seedwire audit`", "Memory over", "seedwire audit", 1),
)


def judge(sections: Iterable[Section]) -> list[str]:
    """A table with a row for each target that this run says something about."""
    lines = ["| target | this run | |", "| --- | --- | --- |"]
    measured = list(sections)
    for target in TARGETS:
        row = _find_row(measured, target)
        if row is None:
            lines.append(f"| {target.sentence} | not measured | |")
        else:
            lines.append(target.judge(row))
    return lines


def _find_row(sections: Iterable[Section], target: Target) -> Row | None:
    for section in sections:
        if section.title.startswith(target.section):
            for row in section.rows:
                if row.what == target.row:
                    return row
    return None
