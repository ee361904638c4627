"""What each promise costs an article, in a table and a plot."""

from pathlib import Path

from tests.bench.pipeline.page.plots import draw_promises
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.promises.measurement import measure_promises
from tests.bench.pipeline.scale import Scale


async def measure_promise_costs(scratch: Path, scale: Scale, report: Report) -> None:
    report.promises = await measure_promises(scratch, scale.promise_articles)
    draw_promises(report.promises, report.folder / "promises.svg")
