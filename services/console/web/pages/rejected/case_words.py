"""Cases in the words of the pages: rows, links, and the answer to what was sent."""

from typing import Any
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.console.actions.rejected.rejected_records import path_of
from shared.store import CaseState, RedriveAttempt, RejectedRecord
from shared.store.ports.operations.rejected import CASE_STATES, REJECTED_AGAIN


def link_case(record_id: str) -> str:
    return f"/rejected/case/{quote(record_id)}"


def describe_answer(attempt: RedriveAttempt | None) -> str:
    if attempt is None or not attempt.outcome:
        return "Sent. Ingest has not answered yet: this page shows the answer when it is loaded."
    if attempt.outcome == REJECTED_AGAIN:
        return "Sent, and rejected again: see the last attempt below."
    return f"Sent, and {attempt.outcome}."


def describe_case(record: RejectedRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "link": link_case(record.id),
        "path": path_of(record) or record.id,
        "message": record.causes[0].message,
        "at": record.rejected_at,
        "attempts": record.attempts,
    }


def read_state(name: str) -> CaseState:
    for state in CASE_STATES:
        if state == name:
            return state
    raise HTTPException(404, "a rejected record is open, redriven, resolved or dismissed")


def read_cause(request: Request) -> tuple[str, str] | None:
    query = request.query_params
    if "message" not in query:
        return None
    return query.get("field", ""), query["message"]


def link_group(state: CaseState, field: str, message: str) -> str:
    return f"/rejected?{urlencode({'state': state, 'field': field, 'message': message})}"
