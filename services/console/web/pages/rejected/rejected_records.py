"""/rejected: rejected records by cause; one case, which is mended in place, sent or dismissed."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.console.actions.rejected import mend
from services.console.actions.rejected.rejected_records import (
    causes_of,
    dismiss_records,
    group_records,
)
from services.console.web.console import Console
from services.console.web.forms.submission import FieldMissing, Submission
from services.console.web.forms.write_once import Outcome
from services.console.web.page import Page
from services.console.web.pages.rejected.case_words import (
    describe_case,
    link_case,
    link_group,
    read_cause,
    read_state,
)
from services.console.web.pages.rejected.rejected_case import CasePages
from shared.store import RejectedRecord
from shared.store.ports.operations.rejected import CASE_STATES, CaseState

LOOKED_AT: Final = 2_000
"""Records that one page looks at: they are read with their bytes, 5 KB each. More than these are
mended with the command."""

MAX_BYTES: Final = 16 * 1024 * 1024
"""Of records that one page reads: a record may have 1 MiB, and somebody may send 2,000 of them."""

LISTED: Final = 100


def build_page(console: Console) -> Page:
    pages, cases = RejectedPages(console), CasePages(console)
    return Page(
        "Rejected",
        "/rejected",
        [
            Route("/rejected", pages.show),
            Route("/rejected/send", pages.send_group, methods=["POST"]),
            Route("/rejected/dismiss", pages.dismiss_group, methods=["POST"]),
            Route("/rejected/case/{record_id:path}", cases.show_case),
            Route("/rejected/check/{record_id:path}", cases.check, methods=["POST"]),
            Route("/rejected/mend/{record_id:path}", cases.send_mended, methods=["POST"]),
            Route("/rejects{rest:path}", redirect_old_address),
        ],
    )


class RejectedPages:
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
            "rejected.html",
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

    async def send_group(self, request: Request) -> Response:
        """Sends the named cases again as they are: one, or all of a cause."""

        async def perform(submission: Submission) -> Outcome:
            record_ids = _read_ids(submission)
            outcome = await mend.resend(
                self._console.settings, self._store, record_ids, submission.cause()
            )
            return Outcome(_return_path(record_ids), f"{outcome}.")

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


async def redirect_old_address(request: Request) -> Response:
    """The page was `/rejects` once: bookmarks, and links in people's notes, go on working."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/rejected{request.url.path.removeprefix('/rejects')}{query}", 308)


def _read_ids(submission: Submission) -> Sequence[str]:
    """The cases that were ticked. Raises FieldMissing if none was: none does not mean all."""
    record_ids = submission.texts("id")
    if not record_ids:
        raise FieldMissing("a case is missing: tick at least one")
    return record_ids


def _return_path(record_ids: Sequence[str]) -> str:
    return link_case(record_ids[0]) if len(record_ids) == 1 else "/rejected"


async def _iterate(records: Sequence[RejectedRecord]) -> AsyncIterator[RejectedRecord]:
    for record in records:
        yield record
