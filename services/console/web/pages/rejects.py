"""/rejects: rejected records by cause; one case, which is mended in place, sent or dismissed."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.console.actions.drops.check_seed import SeedCheck
from services.console.actions.record_values import decode_headers, decode_seed_text
from services.console.actions.rejections import mend
from services.console.actions.rejections.rejected_records import (
    RejectedRecordNotFound,
    causes_of,
    dismiss_records,
    group_records,
    load_rejected,
    path_of,
)
from services.console.web.console import Console
from services.console.web.forms.submission import FieldMissing, Submission
from services.console.web.forms.write_once import Outcome
from services.console.web.page import Page
from services.console.web.pages.reject_cases import (
    describe_answer,
    describe_case,
    link_case,
    link_group,
    read_cause,
    read_state,
)
from shared.store import RejectedRecord
from shared.store.ports.rejected import CASE_STATES, CaseState

LOOKED_AT: Final = 2_000
"""Records that one page looks at: they are read with their bytes, 5 KB each. More than these are
mended with the command."""

MAX_BYTES: Final = 16 * 1024 * 1024
"""Of records that one page reads: a record may have 1 MiB, and somebody may send 2,000 of them."""

LISTED: Final = 100


def build_page(console: Console) -> Page:
    pages = RejectPages(console)
    return Page(
        "Rejects",
        "/rejects",
        [
            Route("/rejects", pages.show),
            Route("/rejects/send", pages.send_group, methods=["POST"]),
            Route("/rejects/dismiss", pages.dismiss_group, methods=["POST"]),
            Route("/rejects/case/{record_id:path}", pages.show_case),
            Route("/rejects/check/{record_id:path}", pages.check, methods=["POST"]),
            Route("/rejects/mend/{record_id:path}", pages.send_mended, methods=["POST"]),
        ],
    )


class RejectPages:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store

    async def show(self, request: Request) -> Response:
        """The causes of a state, or with a cause its cases."""
        state = read_state(request.query_params.get("state", "open"))
        counts = await self._store.rejected.count_by_state()
        records = await self._load(state)
        groups = await group_records(_iterate(records))
        chosen = read_cause(request)
        cases = [record for record in records if chosen in causes_of(record)]
        return self._console.render(
            request,
            "rejects.html",
            state=state,
            states=CASE_STATES,
            counts=counts,
            groups=groups,
            chosen=chosen,
            cases=[describe_case(record) for record in cases[:LISTED]],
            case_count=len(cases),
            is_cut=counts[state] > len(records),
            link_group=lambda field, message: link_group(state, field, message),
        )

    async def show_case(self, request: Request) -> Response:
        record = await self._find(request)
        return await self._render_case(request, record)

    async def check(self, request: Request) -> Response:
        """Shows what ingest would say, and sends nothing."""
        submission = await self._console.read(request)
        record = await self._find(request)
        edited = submission.exact("text")
        check = mend.check_mended(record, edited)
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

    async def send_group(self, request: Request) -> Response:
        """Sends the named cases again as they are: one, or all of a cause."""

        async def perform(submission: Submission) -> Outcome:
            record_ids = _read_ids(submission)
            redrives = await mend.send_again(
                self._console.settings, self._store, record_ids, submission.cause()
            )
            sent = sum(redrive.is_sent for redrive in redrives)
            left = len(redrives) - sent
            suffix = f"; {left} were left out" if left else ""
            return Outcome(_return_path(record_ids), f"{sent} sent again{suffix}.")

        return await self._console.act(request, perform)

    async def dismiss_group(self, request: Request) -> Response:
        """Dismisses the named cases: nothing will be done about them."""

        async def perform(submission: Submission) -> Outcome:
            cause = submission.cause("the reason why nothing is to be done")
            record_ids = _read_ids(submission)
            await dismiss_records(self._store, record_ids, cause)
            return Outcome(_return_path(record_ids), f"{len(record_ids)} dismissed.")

        return await self._console.act(request, perform)

    async def _load(self, state: CaseState) -> list[RejectedRecord]:
        records: list[RejectedRecord] = []
        while len(records) < LOOKED_AT and sum(record.size for record in records) < MAX_BYTES:
            after = records[-1].id if records else ""
            page = await self._store.rejected.list_page(after, LOOKED_AT - len(records), state)
            if not page:
                break
            records += page
        return records

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
            "reject.html",
            record=record,
            file=path_of(record) or "",
            key=decode_seed_text(record.key) or "",
            headers=decode_headers(record.headers),
            lines=mend.mark_lines(record),
            is_editable=is_editable,
            text=text,
            check=check,
            version=mend.mark_version(record),
            acts=await self._store.history.list_acts(record.id, limit=20),
        )


def _read_ids(submission: Submission) -> Sequence[str]:
    """The cases that were ticked. Raises FieldMissing if none was: none does not mean all."""
    record_ids = submission.texts("id")
    if not record_ids:
        raise FieldMissing("a case is missing: tick at least one")
    return record_ids


def _return_path(record_ids: Sequence[str]) -> str:
    return link_case(record_ids[0]) if len(record_ids) == 1 else "/rejects"


async def _iterate(records: Sequence[RejectedRecord]) -> AsyncIterator[RejectedRecord]:
    for record in records:
        yield record
