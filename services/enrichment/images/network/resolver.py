"""Resolves host names on threads of its own.

A name server that does not answer holds up no name that had an answer the last time.
"""

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Final

from services.enrichment.images.network.address_rules import Address

# For new names: a look-up blocks a thread for as long as the system's resolver tries.
THREADS_FOR_NEW_NAMES: Final = 32
# For names that had an answer the last time: look-ups of new names may block all other threads.
THREADS_FOR_KNOWN_NAMES: Final = 8
MAX_KNOWN_NAMES: Final = 2_000
TIMEOUT_SECONDS: Final = 5.0

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""The addresses of a host, for a port. Raises ResolutionError."""
LookUp = Callable[[str, int], Sequence[Address]]
"""As Resolve, but blocks, and raises OSError or UnicodeError."""


class ResolutionError(Exception):
    """The name has no address now. Consequence: the picture is tried again later."""


class Resolver:
    """Resolves by the system's resolver, or by *look_up*."""

    def __init__(self, look_up: LookUp | None = None) -> None:
        self._look_up = look_up or _look_up
        self._threads_for_new = ThreadPoolExecutor(
            max_workers=THREADS_FOR_NEW_NAMES, thread_name_prefix="resolve"
        )
        self._threads_for_known = ThreadPoolExecutor(
            max_workers=THREADS_FOR_KNOWN_NAMES, thread_name_prefix="resolve-known"
        )
        self._known: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        """Raises ResolutionError, after TIMEOUT_SECONDS at the latest."""
        threads = self._threads_for_known if host in self._known else self._threads_for_new
        loop = asyncio.get_running_loop()
        had_answer = False
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                addresses = await loop.run_in_executor(threads, self._look_up, host, port)
            had_answer = True
        except TimeoutError as error:
            raise ResolutionError(
                f"{host}: the name server did not answer in {TIMEOUT_SECONDS:g} s"
            ) from error
        except (OSError, UnicodeError) as error:
            raise ResolutionError(f"{host} {_explain(error)}") from error
        finally:
            self._remember(host, had_answer)  # also when the caller's own time ran out
        return addresses

    def _remember(self, host: str, had_answer: bool) -> None:
        self._known.pop(host, None)
        if had_answer:
            self._known[host] = None
        if len(self._known) > MAX_KNOWN_NAMES:
            self._known.popitem(last=False)


def _explain(error: OSError | UnicodeError) -> str:
    """What the system's resolver says, as a person would."""
    if isinstance(error, UnicodeError):
        return "is no name that a name server can know"
    if error.errno in (socket.EAI_NONAME, socket.EAI_NODATA):
        return "is not known to the name server"
    if error.errno == socket.EAI_AGAIN:
        return "cannot be looked up: no name server answers"
    return f"cannot be looked up: {error.strerror or error}"


def _look_up(host: str, port: int) -> list[Address]:
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(info[4][0]).partition("%")[0]) for info in infos]
