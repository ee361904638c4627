"""/: how the newsroom is, now. Live for those who leave it open."""

from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.console.actions.operations.condition import (
    BADLY_BEHIND_AFTER,
    find_behind,
    judge_condition,
    name_process,
)
from services.console.sampling.sampler import INTERVAL_SECONDS
from services.console.sampling.samples import KAFKA, STORE, Sample, StageSample
from services.console.web.broadcast import Broadcast
from services.console.web.console import Console
from services.console.web.page import Page
from services.console.web.pages.runbook import has_runbook
from services.console.web.rendering.drawing import draw_stages
from shared.clock import now

STALE_AFTER: Final = timedelta(seconds=10)  # five samples


def build_page(console: Console) -> Page:
    page = NowPage(console)
    return Page("Now", "/", [Route("/", page.show), Route("/live", page.stream)])


class NowPage:
    """The page, and the stream that keeps it up to date: both show the sampler's latest."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._sampler = console.sampler
        self._broadcast = Broadcast(self._render_live, INTERVAL_SECONDS)
        console.broadcasts.append(self._broadcast)

    async def show(self, request: Request) -> Response:
        live = Markup(await self._render_live())
        return self._console.render(request, "now.html", live=live)

    async def stream(self, request: Request) -> Response:
        return self._broadcast.respond()

    async def _render_live(self) -> str:
        sample, at = self._sampler.latest, now()
        drawings = draw_stages(sample, self._sampler.history, judge_stage) if sample else []
        return self._console.render_fragment(
            "now_live.html",
            sample=sample,
            condition=judge_condition(sample, at),
            drawings=drawings,
            stale_stages=is_stale(sample, KAFKA, at),
            stale_store=is_stale(sample, STORE, at),
            name_process=name_process,
            has_runbook=has_runbook(),
        )


def is_stale(sample: Sample | None, engine: str, at: datetime) -> bool:
    """Whether the numbers from this engine are older than the page would have a reader think.

    While it is away they are, from its first moment.
    """
    if sample is None:
        return False
    measured_at = sample.stages_at if engine == KAFKA else sample.store_at
    is_away = any(each.name == engine and not each.is_up for each in sample.engines)
    return is_away or measured_at is None or at - measured_at > STALE_AFTER


def judge_stage(stage: StageSample) -> str:
    """The level of a stage in the drawing: a class of the style sheet."""
    if not find_behind([stage]):
        return "good"
    return "bad" if stage.oldest_seconds > BADLY_BEHIND_AFTER.total_seconds() else "warn"
