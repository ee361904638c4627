"""Requests of members: join, sync, heartbeat, leave."""

import asyncio
from typing import Any, Final

from kio.schema.errors import ErrorCode

from deploy.embedded.gateway.groups.coordinator import Coordinator
from deploy.embedded.gateway.groups.member import Joined, Member, Profile, Refused
from deploy.embedded.gateway.protocol.codec import NO_THROTTLE, encode_response
from deploy.embedded.gateway.session import Request, Session

_MEMBERS_SINCE: Final = 3  # the version from which a leave request names several members


async def answer_join(request: Request, session: Session) -> bytes:
    """Waits until every member of the group has joined."""
    body, coordinator = request.body, session.coordinator
    group = coordinator.find_or_create(body.group_id)
    profile = _read_profile(request.client_id, body)
    try:
        joining = group.join(body.member_id, profile, coordinator.clock())
        answer = _describe_joined(await asyncio.shield(joining))
    except Refused as refused:
        answer = {"error_code": refused.code, "member_id": body.member_id}
    return encode_response(request.header, _JOIN_DEFAULTS | answer)


_JOIN_DEFAULTS: Final = {
    "throttle_time": NO_THROTTLE,
    "error_code": ErrorCode.none,
    "generation_id": -1,
    "protocol_type": None,
    "protocol_name": "",
    "leader": "",
    "skip_assignment": False,
    "members": (),
}


def _describe_joined(joined: Joined) -> dict[str, Any]:
    return {
        "generation_id": joined.generation,
        "protocol_type": joined.protocol_type,
        "protocol_name": joined.protocol,
        "leader": joined.leader,
        "member_id": joined.member_id,
        "members": [_describe_member(member, joined.protocol) for member in joined.members],
    }


def _describe_member(member: Member, protocol: str) -> dict[str, Any]:
    return {
        "member_id": member.id,
        "group_instance_id": member.profile.instance_id,
        "metadata": member.profile.protocols[protocol],
    }


def _read_profile(client_id: str, body: Any) -> Profile:
    session = body.session_timeout.total_seconds()
    rebalance = getattr(body, "rebalance_timeout", body.session_timeout).total_seconds()
    return Profile(
        client_id=client_id,
        host="/127.0.0.1",
        instance_id=getattr(body, "group_instance_id", None),
        session_timeout=session,
        rebalance_timeout=rebalance if rebalance > 0 else session,
        protocol_type=body.protocol_type,
        protocols={protocol.name: protocol.metadata for protocol in body.protocols},
    )


async def answer_sync(request: Request, session: Session) -> bytes:
    """Waits until the leader of the group has assigned the partitions."""
    body, coordinator = request.body, session.coordinator
    group = coordinator.find(body.group_id)
    assignments = {item.member_id: item.assignment for item in body.assignments}
    answer: dict[str, Any] = {"error_code": ErrorCode.none, "assignment": b""}
    try:
        syncing = group.sync(body.member_id, body.generation_id, assignments, coordinator.clock())
        answer["assignment"] = await asyncio.shield(syncing)
    except Refused as refused:
        answer["error_code"] = refused.code
    names = {"protocol_type": group.protocol_type, "protocol_name": group.protocol}
    return encode_response(request.header, {"throttle_time": NO_THROTTLE, **names, **answer})


async def answer_heartbeat(request: Request, session: Session) -> bytes:
    body, coordinator = request.body, session.coordinator
    code = ErrorCode.none
    try:
        coordinator.find(body.group_id).heartbeat(
            body.member_id, body.generation_id, coordinator.clock()
        )
    except Refused as refused:
        code = refused.code
    return encode_response(request.header, {"throttle_time": NO_THROTTLE, "error_code": code})


async def answer_leave(request: Request, session: Session) -> bytes:
    """Removes one member, or several by their ids or by their names."""
    body, coordinator = request.body, session.coordinator
    answer: dict[str, Any] = {"throttle_time": NO_THROTTLE, "error_code": ErrorCode.none}
    if request.header.version < _MEMBERS_SINCE:
        answer["error_code"] = _leave(coordinator, body.group_id, body.member_id, None)
        return encode_response(request.header, answer)
    answer["members"] = [
        {
            "member_id": leaving.member_id,
            "group_instance_id": leaving.group_instance_id,
            "error_code": _leave(
                coordinator, body.group_id, leaving.member_id, leaving.group_instance_id
            ),
        }
        for leaving in body.members
    ]
    return encode_response(request.header, answer)


def _leave(
    coordinator: Coordinator, group_id: str, member_id: str, instance_id: str | None
) -> ErrorCode:
    group = coordinator.find(group_id)
    try:
        group.leave(member_id or group.find_static_member(instance_id), coordinator.clock())
    except Refused as refused:
        return refused.code
    return ErrorCode.none
