"""Names to addresses, on threads of their own: a name server that does not answer holds up no name that had answers."""

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Final

from services.enrichment.images.network.address_rules import Address

THREADS: Final = (
    32  # for new names: a look-up blocks one, for as long as the system's resolver tries
)
THREADS_OF_KNOWN: Final = (
    8  # for names that had an answer the last time: all of the others may be blocked
)
REMEMBERED: Final = 2_000  # names
SECONDS: Final = 5.0

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]


class Unresolved(Exception):
    """The name has no address now. Consequence: the picture is tried again later."""


class Resolver:
    """The system's resolver. Call it with a host and a port. Raises Unresolved. *look_up* blocks; it raises OSError."""

    def __init__(self, look_up: Callable[[str, int], Sequence[Address]] | None = None) -> None:
        self._look_up = look_up or _look_up
        self._threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="resolve")
        self._threads_of_known = ThreadPoolExecutor(
            max_workers=THREADS_OF_KNOWN, thread_name_prefix="resolve-known"
        )
        self._known: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        threads = self._threads_of_known if host in self._known else self._threads
        had_answer = False
        try:
            async with asyncio.timeout(SECONDS):
                found = await asyncio.get_running_loop().run_in_executor(
                    threads, self._look_up, host, port
                )
            had_answer = True
        except TimeoutError as error:
            raise Unresolved(f"{host}: the name server did not answer in {SECONDS:g} s") from error
        except (OSError, UnicodeError) as error:
            raise Unresolved(f"{host} has no address: {error}") from error
        finally:
            self._remember(host, had_answer)  # also when its caller had less time
        return found

    def _remember(self, host: str, had_answer: bool) -> None:
        self._known.pop(host, None)
        if had_answer:
            self._known[host] = None
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


def _look_up(host: str, port: int) -> list[Address]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]
