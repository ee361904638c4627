"""One client's connection: its requests are answered one after another, in their order."""

import asyncio
import logging
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from kio.index import KioIndexError
from kio.serial.errors import SerialError

from deploy.embedded.gateway.cluster import (
    answer_api_versions,
    answer_metadata,
    answer_readdressed,
)
from deploy.embedded.gateway.connections.broker_connection import BrokerGone
from deploy.embedded.gateway.groups import administration, membership, offsets
from deploy.embedded.gateway.protocol import api_keys
from deploy.embedded.gateway.protocol.codec import read_header
from deploy.embedded.gateway.protocol.frames import BrokenFrame, write_frame
from deploy.embedded.gateway.records.fetches import answer_fetch
from deploy.embedded.gateway.records.partition_ends import answer_list_offsets
from deploy.embedded.gateway.records.producers import answer_init_producer_id, pass_on_produce
from deploy.embedded.gateway.session import Request, Session, parse_request

log = logging.getLogger(__name__)

Answer = Callable[[Request, Session], Awaitable[bytes]]

# What the gateway answers itself, or changes; everything else is passed on as it is.
ANSWERS: Final[Mapping[int, Answer]] = {
    api_keys.FETCH: answer_fetch,
    api_keys.INIT_PRODUCER_ID: answer_init_producer_id,
    api_keys.LIST_OFFSETS: answer_list_offsets,
    api_keys.METADATA: answer_metadata,
    api_keys.FIND_COORDINATOR: answer_readdressed,
    api_keys.DESCRIBE_CLUSTER: answer_readdressed,
    api_keys.JOIN_GROUP: membership.answer_join,
    api_keys.SYNC_GROUP: membership.answer_sync,
    api_keys.HEARTBEAT: membership.answer_heartbeat,
    api_keys.LEAVE_GROUP: membership.answer_leave,
    api_keys.OFFSET_COMMIT: offsets.answer_offset_commit,
    api_keys.OFFSET_FETCH: offsets.answer_offset_fetch,
    api_keys.LIST_GROUPS: administration.answer_list_groups,
    api_keys.DESCRIBE_GROUPS: administration.answer_describe_groups,
    api_keys.DELETE_GROUPS: administration.answer_delete_groups,
}
# Consequence: the connection is closed, as Kafka does. The client opens another.
_BREAKS: Final = (BrokenFrame, BrokerGone, OSError, SerialError, KioIndexError, struct.error)


async def serve_client(writer: asyncio.StreamWriter, session: Session) -> None:
    """Answer requests until the client or the broker closes its connection."""
    try:
        while (frame := await session.requests.read()) is not None:
            response = await answer(frame, session)
            if response is not None:
                await write_frame(writer, response)
    except _BREAKS as error:
        log.info("closing a client's connection: %s: %s", type(error).__name__, error)
    finally:
        session.requests.close()


async def answer(frame: bytes, session: Session) -> bytes | None:
    """The response to a request, or None if the client expects none.

    Raises what ends the connection.
    """
    header = read_header(frame)
    if header.api == api_keys.API_VERSIONS:
        return answer_api_versions(header)
    if not api_keys.is_supported(header.api, header.version):
        raise BrokenFrame(f"request {header.api} in version {header.version} is not supported")
    if header.api == api_keys.PRODUCE:
        return await pass_on_produce(parse_request(frame), session)
    if header.api in ANSWERS:
        return await ANSWERS[header.api](parse_request(frame), session)
    return await session.broker.exchange(frame)
