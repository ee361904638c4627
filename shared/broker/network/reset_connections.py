"""Makes a write to a connection that was just reset an error of Kafka, which clients get over.

When a broker dies, a client may write before it has noticed. asyncio takes such bytes in silence,
and the connection is then found closed. uvloop raises RuntimeError, which aiokafka does not expect:
it ends the task that fetches, or that sends, and with it the process.

aiokafka has no seam for this, so `install` exchanges two methods of its connections. The version of
aiokafka is pinned, and `tests/unit/broker/network/test_reset_connections.py` would notice a change.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

_METHODS: Final = {name: getattr(AIOKafkaConnection, name) for name in ("send", "_send_sasl_token")}


def install() -> None:
    """Have every client of this process bear such connections. May be repeated."""
    for name, method in _METHODS.items():
        setattr(AIOKafkaConnection, name, _bear_reset(method))


def _bear_reset(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def send(self: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return method(self, *arguments, **options)
        except RuntimeError as error:
            if not _is_reset(self):
                raise
            self.close(reason=CloseReason.CONNECTION_BROKEN)
            raise KafkaConnectionError(f"the connection was reset: {error}") from error

    return send


def _is_reset(connection: Any) -> bool:
    writer = connection._writer
    return writer is not None and bool(writer.transport.is_closing())
