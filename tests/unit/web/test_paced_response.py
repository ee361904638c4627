"""Responses with a picture: their memory is released, however they are read."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response

from services.web.paced_response import MIN_BYTES_PER_SECOND, PIECE_BYTES, PacedResponse
from shared.concurrency.memory_budget import MemoryBudget

BODY = b"x" * (2 * PIECE_BYTES + 1)
SCOPE: dict[str, Any] = {"type": "http", "path": "/images/1"}
Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]


async def receive_nothing() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def respond(send: Send, grace_seconds: float = 10) -> MemoryBudget:
    """Send a response with BODY; returns the budget, which is as large as the body."""
    budget = MemoryBudget(len(BODY))
    reservation = await budget.reserve(len(BODY))
    picture = Response(BODY, 200, {"ETag": '"x"'})
    response = PacedResponse(picture, reservation, grace_seconds=grace_seconds)
    await response(SCOPE, receive_nothing, send)
    return budget


async def test_a_picture_is_sent_piece_by_piece_with_its_status_and_headers():
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    budget = await respond(send)
    start, *pieces = sent
    headers = dict(start["headers"])
    assert (start["status"], headers[b"etag"]) == (200, b'"x"')
    assert headers[b"content-length"] == str(len(BODY)).encode()
    assert b"".join(piece["body"] for piece in pieces) == BODY
    assert max(len(piece["body"]) for piece in pieces) == PIECE_BYTES
    assert [piece.get("more_body", False) for piece in pieces] == [True, True, True, False]
    assert await asyncio.wait_for(budget.reserve(len(BODY)), 60)


async def test_the_connection_to_a_slow_reader_is_closed():
    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    budget = await respond(send, grace_seconds=0.1 - len(BODY) / MIN_BYTES_PER_SECOND)
    assert await asyncio.wait_for(budget.reserve(len(BODY)), 60)
