"""Requests of operators: list, describe and delete groups."""

from typing import Any, Final

from kio.schema.errors import ErrorCode

from deploy.embedded.gateway.connections.broker_connection import BrokerConnection
from deploy.embedded.gateway.groups.group import Group
from deploy.embedded.gateway.groups.member import Member, Refused
from deploy.embedded.gateway.protocol.api_keys import DELETE_GROUPS, LIST_GROUPS
from deploy.embedded.gateway.protocol.codec import NO_THROTTLE, encode_response
from deploy.embedded.gateway.session import Request, Session

_LIST_VERSION: Final = 4
_DELETE_VERSION: Final = 2
_DEAD: Final = "Dead"  # Kafka's word for a group that it does not know
_EMPTY: Final = "Empty"


async def answer_list_groups(request: Request, session: Session) -> bytes:
    """Groups that have members, and those that only have committed offsets."""
    states = dict.fromkeys(await _list_committed(session.broker), _EMPTY)
    states |= {
        group_id: group.state.value for group_id, group in session.coordinator.groups.items()
    }
    wanted = getattr(request.body, "states_filter", ())
    groups = [
        {"group_id": group_id, "protocol_type": "consumer", "group_state": state}
        for group_id, state in states.items()
        if not wanted or state in wanted
    ]
    return encode_response(
        request.header,
        {"throttle_time": NO_THROTTLE, "error_code": ErrorCode.none, "groups": groups},
    )


async def answer_describe_groups(request: Request, session: Session) -> bytes:
    committed = await _list_committed(session.broker)
    groups = []
    for group_id in request.body.groups:
        known = session.coordinator.groups.get(group_id)
        empty_state = _EMPTY if group_id in committed else _DEAD
        groups.append({"group_id": group_id} | _describe_group(known, empty_state))
    return encode_response(request.header, {"throttle_time": NO_THROTTLE, "groups": groups})


async def answer_delete_groups(request: Request, session: Session) -> bytes:
    """Forget the committed offsets of groups without members."""
    results = []
    for group_id in request.body.groups_names:
        results.append({"group_id": group_id, "error_code": await _delete(group_id, session)})
    return encode_response(request.header, {"throttle_time": NO_THROTTLE, "results": results})


async def _delete(group_id: str, session: Session) -> ErrorCode:
    try:
        session.coordinator.forget(group_id)
    except Refused as refused:
        return refused.code
    request = {"groups_names": (group_id,)}
    answer = await session.broker.ask(DELETE_GROUPS, _DELETE_VERSION, request)
    return ErrorCode(answer.results[0].error_code)


async def _list_committed(broker: BrokerConnection) -> list[str]:
    answer = await broker.ask(LIST_GROUPS, _LIST_VERSION, {"states_filter": ()})
    return [group.group_id for group in answer.groups]


def _describe_group(group: Group | None, empty_state: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "error_code": ErrorCode.none,
        "group_state": empty_state,
        "protocol_type": "",
        "protocol_data": "",
        "members": [],
    }
    if group is None:
        return described
    return described | {
        "group_state": group.state.value,
        "protocol_type": group.protocol_type,
        "protocol_data": group.protocol,
        "members": [_describe_member(member, group) for member in group.members.values()],
    }


def _describe_member(member: Member, group: Group) -> dict[str, Any]:
    return {
        "member_id": member.id,
        "group_instance_id": member.profile.instance_id,
        "client_id": member.profile.client_id,
        "client_host": member.profile.host,
        "member_metadata": member.profile.protocols.get(group.protocol, b""),
        "member_assignment": member.assignment,
    }
