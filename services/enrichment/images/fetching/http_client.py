"""One request: in bounded time and memory, to a typed answer, never an exception."""

import asyncio
from dataclasses import dataclass
from typing import Final

import httpcore2

from services.enrichment.images import limits
from services.enrichment.images.fetching.fetch_outcome import Failed, Failure, Later, Validators
from services.enrichment.images.fetching.http_response import Answer, Body, Wish, judged, most, read
from services.enrichment.images.fetching.memory_budget import Hold
from services.enrichment.images.network.connections import Connections, Response
from services.enrichment.images.network.guarded_network import Forbidden
from services.enrichment.images.network.resolver import Unresolved
from services.enrichment.images.network.urls import Location

_TROUBLE: Final = (
    *(
        Unresolved,
        httpcore2.TimeoutException,
        httpcore2.NetworkError,
        httpcore2.RemoteProtocolError,
    ),
    OSError,  # of TLS, after the handshake, it comes as it is
)


@dataclass(frozen=True)
class Question:
    """What is asked of a host. *known*: the version of it that we have."""

    location: Location
    wish: Wish
    known: Validators

    @property
    def url(self) -> str:
        return self.location.url

    @property
    def headers(self) -> dict[str, str]:
        said = {
            "Accept": self.wish.accept,
            "Accept-Encoding": "identity",  # a small compressed body can hold a huge one
            "If-None-Match": self.known.etag,
            "If-Modified-Since": self.known.last_modified,
        }
        return {name: value for name, value in said.items() if value}


class Asker:
    """Asks as *user_agent*."""

    def __init__(self, connections: Connections, user_agent: str) -> None:
        self._connections = connections
        self._user_agent = user_agent

    async def ask(self, question: Question, seconds: float, hold: Hold) -> tuple[Answer, float]:
        """The answer, and the seconds that the host took: those in which it waited for room with us are not its own.

        The room of a body is *hold*'s.
        """
        try:
            async with asyncio.timeout(seconds) as limit:
                answer = await self._answer(question, seconds, hold, limit)
                return answer, seconds - _left(limit)
        except TimeoutError:
            return Later(f"it took longer than {seconds:.3g} s"), seconds

    async def close(self) -> None:
        await self._connections.close()

    async def _answer(
        self, question: Question, seconds: float, hold: Hold, limit: asyncio.Timeout
    ) -> Answer:
        headers = {"User-Agent": self._user_agent, **question.headers}
        try:
            async with self._connections.asked(
                question.location, headers, _waits(seconds)
            ) as response:
                verdict = judged(response, question.wish, question.known)
                return verdict or await _body(response, question, hold, limit)
        except Forbidden as error:
            return Failed(Failure.FORBIDDEN, str(error))
        except _TROUBLE as error:
            return Later(f"{type(error).__name__}: {error}"[:300])
        except httpcore2.LocalProtocolError as error:
            return Failed(Failure.BAD_ADDRESS, str(error)[:300])


async def _body(
    response: Response, question: Question, hold: Hold, limit: asyncio.Timeout
) -> Body | Failed:
    left = _left(limit)
    limit.reschedule(None)
    await hold.take_room(most(response, question.wish))
    limit.reschedule(asyncio.get_running_loop().time() + left)
    body = await read(response, question.url, question.wish)
    hold.shrink(len(body.content) if isinstance(body, Body) else 0)
    return body


def _left(limit: asyncio.Timeout) -> float:
    """Seconds until the time is up."""
    return (limit.when() or 0.0) - asyncio.get_running_loop().time()


def _waits(seconds: float) -> dict[str, float]:
    return {
        "connect": min(limits.CONNECT_SECONDS, seconds),
        "read": min(limits.IDLE_SECONDS, seconds),
        "write": seconds,
    }
