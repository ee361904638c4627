"""Fetches from the open web: in bounded time and memory, to a typed outcome, never an exception."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from services.enrichment.images import limits
from services.enrichment.images.decoding.verification import Verifier
from services.enrichment.images.fetching.fetch_outcome import (
    NOTHING_KNOWN,
    Failed,
    Failure,
    Later,
    Measured,
    Outcome,
    Unchanged,
    Validators,
)
from services.enrichment.images.fetching.host_limits import Hosts
from services.enrichment.images.fetching.host_queue import LeftAlone
from services.enrichment.images.fetching.http_client import Asker, Question
from services.enrichment.images.fetching.http_response import (
    PAGE,
    PICTURE,
    Answer,
    Body,
    Moved,
    Wish,
)
from services.enrichment.images.fetching.memory_budget import Hold
from services.enrichment.images.network.connections import Connections
from services.enrichment.images.network.guarded_network import Guard
from services.enrichment.images.network.urls import host_of, located, moved
from shared.memory_budget import Room

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
        self._asker = Asker(Connections(guard, tls), user_agent)

    def refusal(self, url: str) -> Later | None:
        """What its host would say to *url* without being asked; None: it is to be asked."""
        refusal = self._hosts.refusal(host_of(url))
        return _left_alone(refusal) if refusal else None

    @asynccontextmanager
    async def fetched(
        self, url: str, seconds: float, known: Validators = NOTHING_KNOWN
    ) -> AsyncIterator[Outcome]:
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
        if isinstance(location, Failed):
            yield location
            return
        hold = Hold(self._places, self._room)
        try:
            yield await self._follow(Question(location, wish, known), seconds, hold, veto)
        finally:
            hold.leave()

    async def close(self) -> None:
        await self._asker.close()

    async def _verified(self, body: Body) -> Measured | Failed:
        measured = await self._verifier.verify(body.content)
        return (
            replace(measured, validators=body.validators)
            if isinstance(measured, Measured)
            else measured
        )

    async def _follow(self, question: Question, left: float, hold: Hold, veto: Veto | None) -> Got:
        for _ in range(limits.REDIRECTS + 1):
            if veto and (objection := await veto(question.url, left)):
                return objection
            try:
                answer, took = await self._visit(question, left, hold)
            except LeftAlone as error:
                return _left_alone(error)
            if not isinstance(answer, Moved):
                return answer
            target = moved(question.url, answer.location)
            if isinstance(target, Failed):
                return target
            question, left = replace(question, location=target), left - took
        return Failed(Failure.REDIRECTS, f"more than {limits.REDIRECTS} redirects")

    async def _visit(self, question: Question, seconds: float, hold: Hold) -> tuple[Answer, float]:
        """One request, to a host that has a place for us, and the seconds it took.

        What came as bytes keeps its place and its room until *hold* is left.
        """
        async with self._hosts.slot(question.location.host) as visit:
            await hold.take_place()
            answer, took = await self._asker.ask(question, seconds, hold)
            later = answer if isinstance(answer, Later) else None
            visit.went(not (later and later.blames_host), took, rest=later.after if later else None)
            if not isinstance(answer, Body):
                hold.leave()
            return answer, took


def _left_alone(error: LeftAlone) -> Later:
    return Later(str(error), error.after, blames_host=False, counts=error.counts)
