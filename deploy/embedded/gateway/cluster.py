"""What clients are told of the cluster: it has one broker, and that is the gateway."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kio.schema.errors import ErrorCode

from deploy.embedded.gateway.connections.broker_connection import BrokerConnection
from deploy.embedded.gateway.protocol.api_keys import API_VERSIONS, METADATA, VERSIONS, is_supported
from deploy.embedded.gateway.protocol.codec import (
    NO_THROTTLE,
    Header,
    decode_response,
    encode_response,
)
from deploy.embedded.gateway.session import Address, Request, Session

_METADATA_VERSION: Final = 12


def answer_api_versions(header: Header) -> bytes:
    """The versions that the gateway speaks.

    A client may ask in a version that is newer than the gateway. Kafka then answers in the oldest
    one, with an error and with what it speaks, and the client asks again.
    """
    keys = [
        {"api_key": api, "min_version": lowest, "max_version": highest}
        for api, (lowest, highest) in VERSIONS.items()
    ]
    error = ErrorCode.none
    if not is_supported(API_VERSIONS, header.version):
        header = dataclasses.replace(header, version=0)
        error = ErrorCode.unsupported_version
    return encode_response(
        header, {"error_code": error, "api_keys": keys, "throttle_time": NO_THROTTLE}
    )


async def answer_metadata(request: Request, session: Session) -> bytes:
    """The metadata of the topics that the request names, or of all."""
    topics = request.body.topics
    if request.header.version == 0 and not topics:
        topics = None  # before version 1, an empty list means all topics
    metadata = await load_metadata(session.broker, topics)
    return encode_response(request.header, readdress(metadata, session.address))


async def load_metadata(broker: BrokerConnection, topics: Sequence[Any] | None = None) -> Any:
    """The broker's metadata of *topics* (as in a request), or of all.

    Topics are never created on the way: a misspelled name is an error, as in a Kafka whose
    operator has switched that off.
    """
    request: Mapping[str, Any] = {
        "topics": None if topics is None else [_name_topic(topic) for topic in topics],
        "allow_auto_topic_creation": False,
        "include_topic_authorized_operations": False,
    }
    return await broker.ask(METADATA, _METADATA_VERSION, request)


def _name_topic(topic: Any) -> Mapping[str, Any]:
    return {"name": topic.name, "topic_id": getattr(topic, "topic_id", None)}


async def answer_readdressed(request: Request, session: Session) -> bytes:
    """The broker's answer, with the gateway's address wherever it names its own."""
    header = request.header
    response = await session.broker.exchange(request.frame)
    answer = decode_response(header.api, header.version, response)
    return encode_response(header, readdress(answer, session.address))


def readdress(entity: Any, address: Address) -> Any:
    """*entity* with *address* wherever it, or an object in it, names a host and a port."""
    values = {field.name: getattr(entity, field.name) for field in dataclasses.fields(entity)}
    for name, value in values.items():
        if isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
            values[name] = tuple(readdress(part, address) for part in value)
    if "host" in values and "port" in values:
        values |= {"host": address.host, "port": address.port}
    return type(entity)(**values)
