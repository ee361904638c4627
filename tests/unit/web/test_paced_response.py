"""Answers with a picture: their room is given back, whoever reads them."""

import asyncio
from typing import Any

from starlette.responses import Response

from services.web.paced_response import PIECE, SLOWEST, Sending
from shared.memory_budget import Room

BODY = b"x" * (2 * PIECE + 1)
SCOPE: dict[str, Any] = {"type": "http", "path": "/images/1"}


async def receive() -> dict[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


async def answered(send: Any, grace: float = 10) -> Room:
    """The room after an answer."""
    room = Room(len(BODY))
    answer = Sending(Response(BODY, 206, {"ETag": '"x"'}), await room.take(len(BODY)), grace=grace)
    await answer(SCOPE, receive, send)
    return room


async def test_it_is_sent_piece_by_piece_with_all_that_the_answer_says():
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    room = await answered(send)
    assert (sent[0]["status"], dict(sent[0]["headers"])[b"etag"]) == (206, b'"x"')
    assert dict(sent[0]["headers"])[b"content-length"] == str(len(BODY)).encode()
    assert b"".join(message["body"] for message in sent[1:]) == BODY
    assert max(len(message["body"]) for message in sent[1:]) == PIECE
    assert [message.get("more_body", False) for message in sent[1:]] == [True, True, True, False]
    assert await asyncio.wait_for(room.take(len(BODY)), 1)


async def test_a_reader_that_takes_too_long_is_hung_up_on():
    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    room = await answered(send, grace=0.1 - len(BODY) / SLOWEST)
    assert await asyncio.wait_for(room.take(len(BODY)), 1)
