"""/drop: seeds that are pasted or chosen; checked only, or dropped, with their receipts."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.console.actions.drops.check_seed import SeedCheck, check_seed
from services.console.actions.drops.drop_from_page import RECEIPT_SECONDS, drop_seeds
from services.console.actions.drops.receipt_text import summarize_receipts
from services.console.web.console import Console
from services.console.web.forms.submission import FieldMissing, Submission
from services.console.web.forms.write_once import Outcome
from services.console.web.page import Page
from shared.clock import now
from shared.drops.seed import Seed
from shared.store import Act

PASTED: Final = "pasted.md"


def build_page(console: Console) -> Page:
    async def show(request: Request) -> Response:
        act = await _find_act(console, request)
        return _render(console, request, act=act)

    async def check(request: Request) -> Response:
        """Shows what ingest would say, and drops nothing."""
        submission = await console.read(request)
        seeds = await _read_seeds(submission)
        dropped_at = now()
        checks: list[tuple[str, SeedCheck]] = []
        for seed in seeds:
            checks.append((seed.path, await check_seed(seed.content, console.store, dropped_at)))
        return _render(console, request, submission.exact("text"), checks)

    async def drop(request: Request) -> Response:
        async def perform(submission: Submission) -> Outcome:
            seeds = await _read_seeds(submission)
            receipts = await drop_seeds(console.settings, console.store, seeds, submission.cause())
            return Outcome(f"/drop?act={submission.key}", f"{summarize_receipts(receipts)}.")

        return await console.act(request, perform)

    return Page(
        "Drop",
        "/drop",
        [
            Route("/drop", show, methods=["GET"]),
            Route("/drop", drop, methods=["POST"]),
            Route("/drop/check", check, methods=["POST"]),
        ],
    )


async def _find_act(console: Console, request: Request) -> Act | None:
    act_id = request.query_params.get("act", "")
    act = await console.store.history.get_act(act_id) if act_id else None
    return act if act is not None and act.kind == "drop" else None


def _render(
    console: Console,
    request: Request,
    text: str = "",
    checks: list[tuple[str, SeedCheck]] | None = None,
    act: Act | None = None,
) -> Response:
    return console.render(
        request,
        "drop.html",
        text=text,
        checks=checks or [],
        act=act,
        receipts=act.details.get("receipts", []) if act else [],
        seconds=int(RECEIPT_SECONDS),
    )


async def _read_seeds(submission: Submission) -> list[Seed]:
    """Raises FieldMissing if there is none."""
    seeds = [Seed(file.filename or PASTED, await file.read()) for file in submission.files("files")]
    text = submission.exact("text")
    if text.strip():
        seeds.append(Seed(PASTED, text.encode()))
    if not seeds:
        raise FieldMissing("a seed is missing: paste one, or choose files")
    return seeds
