"""Has every client notice within seconds that a broker's host is cut off.

Such a host answers nothing. aiokafka waits for a connection as long as for a request, 40 s for a
consumer and 20 s for a producer, under a lock that its other connections need too; and a request on
a connection that stands waits as long, although no packet arrives any more. Here a connection is
given up after three seconds, and one that stands once the other side's kernel has acknowledged
nothing for five. A broker that is merely busy is neither: its kernel answers.

aiokafka has no seam for this, so `install` exchanges two methods of its connections. The version of
aiokafka is pinned, and `tests/unit/broker/network/test_dead_hosts.py` would notice a change.
"""

import socket
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection

CONNECT_SECONDS: Final = 3.0  # time for one lost packet, which is sent again after a second
UNACKNOWLEDGED_SECONDS: Final = 5.0  # some four repeats

_connect: Final = AIOKafkaConnection.connect
_look_up_versions: Final = AIOKafkaConnection._do_version_lookup


def install() -> None:
    """Have every client of this process notice. May be repeated."""
    AIOKafkaConnection.connect = _shorten_timeout(_connect)
    AIOKafkaConnection._do_version_lookup = _prepare_connection(_look_up_versions)


def _shorten_timeout(connect: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(connect)
    async def connect_briefly(self: Any) -> Any:
        self._seedwire_request_timeout = self._request_timeout
        self._request_timeout = min(self._request_timeout, CONNECT_SECONDS)
        return await connect(self)

    return connect_briefly


def _prepare_connection(look_up_versions: Callable[..., Any]) -> Callable[..., Any]:
    """Before the first request on a connection that stands: the timeout is that of requests."""

    @wraps(look_up_versions)
    async def look_up_patiently(self: Any) -> Any:
        self._request_timeout = self._seedwire_request_timeout
        _limit_silence(self._writer.get_extra_info("socket"))
        return await look_up_versions(self)

    return look_up_patiently


def _limit_silence(connection: Any) -> None:
    """Have the kernel close *connection* when the other side acknowledges nothing (Linux)."""
    if sys.platform == "linux":
        milliseconds = int(UNACKNOWLEDGED_SECONDS * 1000)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
