"""One rejected record: its seed with the faulty lines marked, mended in place and sent."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.console.actions.drops.check_seed import SeedCheck
from services.console.actions.record_values import decode_headers, decode_seed_text
from services.console.actions.rejected import mend
from services.console.actions.rejected.rejected_records import (
    RejectedRecordNotFound,
    load_rejected,
    path_of,
)
from services.console.web.console import Console
from services.console.web.forms.submission import Submission
from services.console.web.forms.write_once import Outcome
from services.console.web.pages.rejected.case_words import describe_answer, link_case
from shared.store import RejectedRecord


class CasePages:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store

    async def show_case(self, request: Request) -> Response:
        record = await self._find(request)
        return await self._render_case(request, record)

    async def check(self, request: Request) -> Response:
        """Shows what ingest would say, and sends nothing."""
        submission = await self._console.read(request)
        record = await self._find(request)
        edited = submission.exact("text")
        check = await mend.check_mended(self._store, record, edited)
        return await self._render_case(request, record, edited, check)

    async def send_mended(self, request: Request) -> Response:
        record_id = request.path_params["record_id"]

        async def perform(submission: Submission) -> Outcome:
            attempt = await mend.send_mended(
                self._console.settings,
                self._store,
                record_id,
                submission.exact("text"),
                submission.text("version"),
                submission.cause(),
            )
            return Outcome(link_case(record_id), describe_answer(attempt))

        return await self._console.act(request, perform)

    async def _find(self, request: Request) -> RejectedRecord:
        try:
            return await load_rejected(self._store, request.path_params["record_id"])
        except RejectedRecordNotFound as error:
            raise HTTPException(404, "there is no such rejected record") from error

    async def _render_case(
        self,
        request: Request,
        record: RejectedRecord,
        edited: str | None = None,
        check: SeedCheck | None = None,
    ) -> Response:
        is_editable = mend.is_editable(record)
        text = edited
        if text is None:
            text = mend.read_editor_text(record) if is_editable else ""
        return self._console.render(
            request,
            "rejected_case.html",
            record=record,
            file=path_of(record) or "",
            key=decode_seed_text(record.key) or "",
            headers=decode_headers(record.headers),
            causes=mend.find_last_causes(record),
            lines=mend.mark_lines(record),
            is_editable=is_editable,
            text=text,
            check=check,
            version=mend.mark_version(record),
            acts=await self._store.history.list_acts(record.id, limit=20),
        )
