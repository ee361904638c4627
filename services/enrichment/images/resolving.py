"""Names to addresses, on threads of their own: a name server that does not answer holds up nothing else."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Final

from services.enrichment.images.addresses import Address

THREADS: Final = 32  # a look-up blocks one, for as long as the system's resolver tries
SECONDS: Final = 5.0

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]


class Unresolved(Exception):
    """The name has no address now. Consequence: the picture is tried again later."""


class Resolver:
    """The system's resolver. Call it with a host and a port. Raises Unresolved."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="resolve")

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        try:
            async with asyncio.timeout(SECONDS):
                found = await asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host, port)
        except TimeoutError as error:
            raise Unresolved(f"{host}: the name server did not answer in {SECONDS:g} s") from error
        except (OSError, UnicodeError) as error:
            raise Unresolved(f"{host} has no address: {error}") from error
        return found


def _look_up(host: str, port: int) -> list[Address]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]
