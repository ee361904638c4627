"""Fetches from the open web: in bounded time and memory, to a typed outcome, never an exception."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import httpcore2

from services.enrichment.images import limits
from services.enrichment.images.answers import PAGE, PICTURE, Answer, Body, Moved, Wish, judged, most, read
from services.enrichment.images.connections import Connections, Response
from services.enrichment.images.guard import Forbidden, Guard
from services.enrichment.images.hosts import Hosts
from services.enrichment.images.locations import Location, host_of, located, moved
from services.enrichment.images.outcomes import (
    NOTHING_KNOWN,
    Failed,
    Failure,
    Later,
    Measured,
    Outcome,
    Unchanged,
    Validators,
)
from services.enrichment.images.queueing import LeftAlone
from services.enrichment.images.resolving import Unresolved
from services.enrichment.images.room import Room
from services.enrichment.images.verification import Verifier

Got = Body | Unchanged | Failed | Later
Veto = Callable[[str, float], Awaitable[Failed | Later | None]]
"""Why an address must not be asked, within so many seconds; None if it may."""


class Fetcher:
    """One worker's way to the web.

    *at_once*: URLs in hand, from the request until the outcome is left; *room*: for the bytes that they may hold.
    *tls*: whom to trust instead of the system's authorities.
    """

    def __init__(
        self,
        guard: Guard,
        hosts: Hosts,
        verifier: Verifier,
        at_once: int,
        user_agent: str,
        tls: ssl.SSLContext | None = None,
        room: Room | None = None,
    ) -> None:
        self._hosts = hosts
        self._verifier = verifier
        self._places = asyncio.Semaphore(at_once)
        self._room = room or Room(limits.HELD_BYTES)
        self._user_agent = user_agent
        self._connections = Connections(guard, tls)

    def refusal(self, url: str) -> Later | None:
        """What its host would say to *url* without being asked; None: it is to be asked."""
        refusal = self._hosts.refusal(host_of(url))
        return _left_alone(refusal) if refusal else None

    @asynccontextmanager
    async def fetched(self, url: str, seconds: float, known: Validators = NOTHING_KNOWN) -> AsyncIterator[Outcome]:
        """The picture at *url*, or why not, within *seconds* once its hosts have a connection free for us.

        Unchanged if the host has no other version than the *known* one. The bytes count against what one worker may
        hold until the block is left.
        """
        async with self.got(url, seconds, PICTURE, known) as got:
            yield await self._verified(got) if isinstance(got, Body) else got

    @asynccontextmanager
    async def got(
        self,
        url: str,
        seconds: float,
        wish: Wish = PAGE,
        known: Validators = NOTHING_KNOWN,
        veto: Veto | None = None,
    ) -> AsyncIterator[Got]:
        """The body at *url* as it came, judged by nothing but its size, under the same guard and limits.

        *veto* is asked before every hop.
        """
        location = located(url)
        async with AsyncExitStack() as held:
            if isinstance(location, Failed):
                yield location
            else:
                yield await self._follow(location, seconds, wish, known, held, veto)

    async def close(self) -> None:
        await self._connections.close()

    async def _verified(self, body: Body) -> Measured | Failed:
        measured = await self._verifier.verify(body.content)
        return replace(measured, validators=body.validators) if isinstance(measured, Measured) else measured

    async def _follow(
        self,
        location: Location,
        left: float,
        wish: Wish,
        known: Validators,
        held: AsyncExitStack,
        veto: Veto | None,
    ) -> Got:
        for _ in range(limits.REDIRECTS + 1):
            if veto and (objection := await veto(location.url, left)):
                return objection
            try:
                answer, took = await self._visit(location, left, wish, known, held)
            except LeftAlone as error:
                return _left_alone(error)
            if not isinstance(answer, Moved):
                return answer
            target = moved(location.url, answer.location)
            if isinstance(target, Failed):
                return target
            location, left = target, left - took
        return Failed(Failure.REDIRECTS, f"more than {limits.REDIRECTS} redirects")

    async def _visit(
        self, location: Location, seconds: float, wish: Wish, known: Validators, held: AsyncExitStack
    ) -> tuple[Answer, float]:
        """One request, to a host that has a place for us, and the seconds it took.

        What came as bytes keeps its place and its room until *held* is left.
        """
        async with self._hosts.slot(location.host) as visit, AsyncExitStack() as place:
            await place.enter_async_context(self._places)
            answer, took = await self._within(location, seconds, wish, known, place)
            later = answer if isinstance(answer, Later) else None
            visit.went(not (later and later.blames_host), took, rest=later.after if later else None)
            if isinstance(answer, Body):
                held.push_async_callback(place.pop_all().aclose)
            return answer, took

    async def _within(
        self, location: Location, seconds: float, wish: Wish, known: Validators, place: AsyncExitStack
    ) -> tuple[Answer, float]:
        """The answer, and the seconds that the host took: those in which it waited for room with us are not its own."""
        try:
            async with asyncio.timeout(seconds) as limit:
                answer = await self._ask(location, seconds, wish, known, limit, place)
                return answer, seconds - _left(limit)
        except TimeoutError:
            return Later(f"it took longer than {seconds:.3g} s"), seconds

    async def _ask(
        self,
        location: Location,
        seconds: float,
        wish: Wish,
        known: Validators,
        limit: asyncio.Timeout,
        place: AsyncExitStack,
    ) -> Answer:
        try:
            async with self._connections.asked(location, self._headers(wish, known), _waits(seconds)) as response:
                verdict = judged(response, wish, known)
                return verdict or await self._body(response, location.url, wish, limit, place)
        except Forbidden as error:
            return Failed(Failure.FORBIDDEN, str(error))
        except (Unresolved, httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.RemoteProtocolError) as error:
            return Later(f"{type(error).__name__}: {error}"[:300])
        except httpcore2.LocalProtocolError as error:
            return Failed(Failure.BAD_ADDRESS, str(error)[:300])

    async def _body(
        self, response: Response, url: str, wish: Wish, limit: asyncio.Timeout, place: AsyncExitStack
    ) -> Body | Failed:
        left = _left(limit)
        limit.reschedule(None)
        share = await self._room.take(most(response, wish))
        place.callback(share.leave)
        limit.reschedule(asyncio.get_running_loop().time() + left)
        body = await read(response, url, wish)
        share.shrink(len(body.content) if isinstance(body, Body) else 0)
        return body

    def _headers(self, wish: Wish, known: Validators) -> dict[str, str]:
        said = {
            "User-Agent": self._user_agent,
            "Accept": wish.accept,
            "Accept-Encoding": "identity",  # a small compressed body can hold a huge one
            "If-None-Match": known.etag,
            "If-Modified-Since": known.last_modified,
        }
        return {name: value for name, value in said.items() if value}


def _left_alone(error: LeftAlone) -> Later:
    return Later(str(error), error.after, blames_host=False, counts=error.counts)


def _left(limit: asyncio.Timeout) -> float:
    """Seconds until the time is up."""
    return (limit.when() or 0.0) - asyncio.get_running_loop().time()


def _waits(seconds: float) -> dict[str, float]:
    return {
        "connect": min(limits.CONNECT_SECONDS, seconds),
        "read": min(limits.IDLE_SECONDS, seconds),
        "write": seconds,
    }
