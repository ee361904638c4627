"""Committed offsets: the broker keeps them, the gateway checks who commits."""

from collections.abc import Sequence
from typing import Any, Final

from kio.schema.errors import ErrorCode

from deploy.embedded.gateway.connections.broker_connection import BrokerConnection
from deploy.embedded.gateway.groups.member import Refused
from deploy.embedded.gateway.protocol.api_keys import OFFSET_COMMIT, OFFSET_FETCH
from deploy.embedded.gateway.protocol.codec import NO_THROTTLE, encode_response
from deploy.embedded.gateway.session import Request, Session

_COMMIT_VERSION: Final = 8
_FETCH_VERSION: Final = 8
_SEVERAL_GROUPS_SINCE: Final = 8  # the version from which a fetch names several groups


async def answer_offset_commit(request: Request, session: Session) -> bytes:
    """To the broker a commit comes from no member: it does not know the members."""
    body, coordinator = request.body, session.coordinator
    group = coordinator.find(body.group_id)
    generation = body.generation_id_or_member_epoch
    try:
        group.require_may_commit(body.member_id, generation, coordinator.clock())
    except Refused as refused:
        return encode_response(request.header, _refuse_commit(body, refused.code))
    commit = {
        "group_id": body.group_id,
        "generation_id_or_member_epoch": -1,
        "member_id": "",
        "group_instance_id": None,
        "topics": body.topics,
    }
    answer = await session.broker.ask(OFFSET_COMMIT, _COMMIT_VERSION, commit)
    return encode_response(request.header, answer)


def _refuse_commit(body: Any, code: ErrorCode) -> dict[str, Any]:
    topics = []
    for topic in body.topics:
        partitions = [
            {"partition_index": partition.partition_index, "error_code": code}
            for partition in topic.partitions
        ]
        topics.append({"name": topic.name, "partitions": partitions})
    return {"throttle_time": NO_THROTTLE, "topics": topics}


async def answer_offset_fetch(request: Request, session: Session) -> bytes:
    """The committed offsets of one group or of several, of some partitions or of all."""
    is_several = request.header.version >= _SEVERAL_GROUPS_SINCE
    wanted: Sequence[Any] = request.body.groups if is_several else [request.body]
    groups = [await _fetch_group(session.broker, group.group_id, group.topics) for group in wanted]
    answer: dict[str, Any] = {"throttle_time": NO_THROTTLE, "groups": groups}
    if not is_several:
        answer |= groups[0]
    return encode_response(request.header, answer)


async def _fetch_group(broker: BrokerConnection, group_id: str, topics: Any) -> dict[str, Any]:
    request = {"groups": [{"group_id": group_id, "topics": topics}], "require_stable": False}
    (found,) = (await broker.ask(OFFSET_FETCH, _FETCH_VERSION, request)).groups
    described = []
    for topic in found.topics:
        partitions = [_describe_offset(partition) for partition in topic.partitions]
        described.append({"name": topic.name, "partitions": partitions})
    return {"group_id": group_id, "topics": described, "error_code": found.error_code}


def _describe_offset(partition: Any) -> dict[str, Any]:
    return {
        "partition_index": partition.partition_index,
        "committed_offset": partition.committed_offset,
        "committed_leader_epoch": partition.committed_leader_epoch,
        "metadata": partition.metadata or "",  # the broker forgets it
        "error_code": partition.error_code,
    }
