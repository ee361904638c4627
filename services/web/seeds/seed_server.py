"""`POST /seeds` and `GET /receipts/{id}`: seeds dropped over HTTP, by whoever has the token."""

import hmac
import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.web.http.problems import build_problem
from services.web.seeds.request_dropper import RequestDropper
from shared.budgets import MAX_SEED_BYTES
from shared.drops.receipt import Receipt
from shared.drops.seed import Headers, Position, Seed
from shared.errors import KafkaUnavailable
from shared.trace_context import TRACEPARENT, TRACESTATE, parse_trace_context

PATH: Final = "POST /seeds"  # what receipts call a seed that came over HTTP
RETRY_AFTER_SECONDS: Final = 2
_RECEIPT_ID: Final = re.compile(r"([0-9]{1,9})-([0-9]{1,18})", re.ASCII)
_NO_STORE: Final = {"Cache-Control": "no-store"}


class SeedServer:
    """The endpoints. *token* is what `Authorization: Bearer` must give."""

    def __init__(self, dropper: RequestDropper, token: str) -> None:
        self._dropper = dropper
        self._token = token.encode()

    async def drop(self, request: Request) -> Response:
        if refusal := self._refuse_stranger(request):
            return refusal
        content = await _read_body(request)
        if content is None:
            return build_problem(413, f"a seed has at most {MAX_SEED_BYTES:,} bytes")
        if not content:
            return build_problem(400, "the body is empty: expected a seed file")
        seed = Seed(PATH, content, headers=_copy_trace(request))
        try:
            sent, receipt = await self._dropper.drop(seed)
        except KafkaUnavailable as error:
            detail = f"{error}; post the seed again, which does no harm"
            return build_problem(503, detail, {"Retry-After": "5"})
        if receipt is None:
            assert sent.position is not None
            return _answer_later(sent.position)
        return _answer(receipt)

    async def show_receipt(self, request: Request) -> Response:
        if refusal := self._refuse_stranger(request):
            return refusal
        receipt_id = request.path_params["id"]
        match = _RECEIPT_ID.fullmatch(receipt_id)
        position = Position(int(match[1]), int(match[2])) if match else None
        if position is not None:
            if receipt := self._dropper.find_receipt(position):
                return _answer(receipt)
            if self._dropper.is_waiting(position):
                return _answer_later(position)
        return build_problem(
            404,
            f"this process knows no receipt {receipt_id!r}: it is in seeds.receipts, or post the"
            " seed again, which does no harm",
        )

    def _refuse_stranger(self, request: Request) -> Response | None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        is_right = hmac.compare_digest(given.strip().encode(), self._token)
        if is_right and scheme.lower() == "bearer":
            return None
        detail = "this needs the header Authorization: Bearer, with the token of this newsroom"
        return build_problem(401, detail, {"WWW-Authenticate": 'Bearer realm="seeds"'})


async def _read_body(request: Request) -> bytes | None:
    """The seed; None if it is too large, of which no more is read than that shows."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MAX_SEED_BYTES:
        return None
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MAX_SEED_BYTES:
            return None
    return bytes(content)


def _copy_trace(request: Request) -> Headers:
    """The trace that the request belongs to, as headers of the record."""
    given = request.headers.get(TRACEPARENT, "")
    trace = parse_trace_context(given, request.headers.get(TRACESTATE, ""))
    if trace is None:
        return ()
    headers = [(TRACEPARENT, trace.traceparent.encode())]
    if trace.tracestate:
        headers.append((TRACESTATE, trace.tracestate.encode()))
    return tuple(headers)


def _answer(receipt: Receipt) -> Response:
    """201 for a new article, 200 for a known one, 422 for a seed that was rejected."""
    if receipt.status == "rejected":
        members: dict[str, Any] = {"errors": list(receipt.errors)}
        if receipt.case_id:
            members["case"] = receipt.case_id
        return build_problem(422, "the seed was rejected", **members)
    location = {"Location": f"/articles/{receipt.article_id}"} if receipt.article_id else {}
    status = 201 if receipt.status == "accepted" else 200
    return JSONResponse(receipt.as_json(), status, {**_NO_STORE, **location})


def _answer_later(position: Position) -> Response:
    receipt_id = f"{position.partition}-{position.offset}"
    headers = {
        **_NO_STORE,
        "Location": f"/receipts/{receipt_id}",
        "Retry-After": str(RETRY_AFTER_SECONDS),
    }
    return JSONResponse(Receipt(PATH, "sent").as_json(), 202, headers)
