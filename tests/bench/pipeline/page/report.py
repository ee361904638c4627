"""Writes what was measured so far, so that a run that is cut off leaves what it had."""

from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.pipeline.page.table import Section, format_number, format_section
from tests.bench.pipeline.promises.inline_newsroom import BATCH
from tests.bench.pipeline.promises.measurement import PromiseTable

INTRODUCTION = """# What Seedwire costs

`make bench` wrote this page. Every figure stands beside the *floor*: the same work in the same run,
written by hand as fast as we can and without promises (`tests/bench/pipeline/builds/floor.py`).
*Ratio* is the figure divided by the floor's. A figure is the median of the repetitions, with the
least and the most in parentheses. [Performance](../performance.md) says what the figures mean.
"""
PLOTS = {
    "throughput.svg": "Articles a second of every build on the embedded engines",
    "cpu.svg": "CPU an article of every build on the embedded engines",
    "memory.svg": "Memory over many articles",
    "promises.svg": "What each promise costs",
}


@dataclass
class Report:
    """The page at `folder/table.md`, section by section."""

    folder: Path
    machine: str
    settings: str
    sections: list[Section] = field(default_factory=list)
    promises: PromiseTable | None = None
    targets: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def remove_old_plots(self) -> None:
        """Those of another run: the page shows what this one drew."""
        for name in PLOTS:
            (self.folder / name).unlink(missing_ok=True)

    def begin(self, title: str) -> Section:
        """A section whose rows are on the page even if the rest of it cannot be measured."""
        section = Section(title)
        self.sections.append(section)
        return section

    def write(self) -> None:
        parts = [INTRODUCTION, f"{self.machine} {self.settings}\n"]
        if self.targets:
            parts.append("\n".join(["## The targets", "", *self.targets]) + "\n")
        parts += [format_section(section) for section in self.sections]
        if self.promises is not None:
            parts.append(format_promises(self.promises))
        for name, title in PLOTS.items():
            if (self.folder / name).exists():
                parts.append(f"![{title}]({name})\n")
        parts.append(f"The run took {self.seconds / 60:.0f} minutes.\n")
        (self.folder / "table.md").write_text("\n".join(parts))


def format_promises(table: PromiseTable) -> str:
    lines = [
        "## What each promise costs an article",
        "",
        "All services in one thread over SQLite, linked by table, in batches of "
        f"{BATCH} unrelated articles; Kafka is left out.",
        "",
        "| promise | ms of CPU | rows written |",
        "| --- | --- | --- |",
    ]
    for cost in table.costs:
        lines.append(f"| {cost.name} | {format_number(cost.cpu_ms)} | {cost.rows:.1f} |")
    cpu = sum(cost.cpu_ms for cost in table.costs)
    rows = sum(cost.rows for cost in table.costs)
    lines += [f"| all | {format_number(cpu)} | {rows:.1f} |", ""]
    flushes = [f"{name} {count:.1f}" for name, count in table.flushes.items()]
    messages = [f"{name} {count:.1f}" for name, count in table.messages.items()]
    services = [f"{name} {format_number(ms)}" for name, ms in table.cpu_ms.items()]
    lines += [
        f"CPU by service: {', '.join(services)} ms an article.",
        f"Flushes by service, a batch of {BATCH}: {', '.join(flushes)}; "
        f"{table.flushes_an_article:.3f} an article in all.",
        f"Messages an article: {', '.join(messages)}.",
    ]
    return "\n".join([*lines, *_format_profiles(table)]) + "\n"


def _format_profiles(table: PromiseTable) -> list[str]:
    lines = [
        "",
        "## A profile of each service",
        "",
        "| service | ms | where |",
        "| --- | --- | --- |",
    ]
    for service, ms in table.cpu_ms.items():
        parts = [f"{name} {format_number(part)}" for name, part in table.profiles[service].items()]
        lines.append(f"| {service} | {format_number(ms)} | {'; '.join(parts[:8])} |")
    return lines
