"""Errors as JSON problems, after RFC 9457."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.errors import StoreUnavailable

PROBLEM_TYPE: Final = "application/problem+json"
RETRY_SOON: Final = {"Retry-After": "5"}

_TITLES: Final = {
    400: "Bad request",
    401: "Unauthorized",
    404: "Not found",
    405: "Method not allowed",
    413: "Content too large",
    422: "Rejected",
    503: "Unavailable",
}


_WHAT_IS_HERE: Final = (
    "articles are at /api/news, feeds at /feeds/atom.xml, /feeds/rss.xml and /feeds/feed.json, "
    "the contract at /contract/, and /openapi.json describes all"
)


def build_problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None, **members: Any
) -> Response:
    """The response for an error; *members* are further fields of the problem."""
    problem = {"type": "about:blank", "title": _TITLES[status], "status": status, "detail": detail}
    return JSONResponse(
        problem | members,
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        media_type=PROBLEM_TYPE,
    )


def answer_http_error(request: Request, error: Exception) -> Response:
    """For Starlette's own errors: no such path, or not with this method."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return build_problem(404, f"there is nothing at {request.url.path}; {_WHAT_IS_HERE}")
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return build_problem(405, f"allowed here: {allowed}", error.headers)
    return build_problem(400, error.detail)


def answer_store_unavailable(request: Request, error: Exception) -> Response:
    assert isinstance(error, StoreUnavailable)
    return build_problem(503, "the store is unavailable; try again", RETRY_SOON)
