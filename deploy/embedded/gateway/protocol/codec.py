"""Kafka's messages, between bytes and objects. The types are kio's: one class for each version."""

import dataclasses
import io
import struct
import typing
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Final

from kio.index import load_request_schema, load_response_schema
from kio.serial import entity_reader, entity_writer

_PREFIX: Final = struct.Struct(">hhi")
_CLIENT_ID: Final = "seedwire-gateway"

NO_THROTTLE: Final = timedelta()  # the first field of most responses


@dataclasses.dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes of a request say."""

    api: int
    version: int
    correlation_id: int


def read_header(frame: bytes) -> Header:
    """Raises struct.error if *frame* is too short for a request."""
    return Header(*_PREFIX.unpack_from(frame))


def decode_request(frame: bytes) -> tuple[Any, Any]:
    """The header and the body of a request.

    Raises SerialError, KioIndexError or struct.error for bytes that are no request, as kio does.
    """
    prefix = read_header(frame)
    schema = load_request_schema(prefix.api, prefix.version)
    header, start = entity_reader(schema.__header_schema__)(frame, 0)
    body, _ = entity_reader(schema)(frame, start)
    return header, body


def find_body(frame: bytes) -> int:
    """Where the body of a request begins. Raises as `decode_request`."""
    prefix = read_header(frame)
    schema = load_request_schema(prefix.api, prefix.version)
    _, start = entity_reader(schema.__header_schema__)(frame, 0)
    return start


def encode_request(api: int, version: int, values: object) -> bytes:
    """A request of ours; *values* are those of its fields, as for `build`."""
    schema = load_request_schema(api, version)
    header = {
        "request_api_key": api,
        "request_api_version": version,
        "correlation_id": 0,
        "client_id": _CLIENT_ID,
    }
    return _encode(schema, header, values)


def decode_response(api: int, version: int, frame: bytes) -> Any:
    """The body of a response."""
    schema = load_response_schema(api, version)
    _, start = entity_reader(schema.__header_schema__)(frame, 0)
    body, _ = entity_reader(schema)(frame, start)
    return body


def encode_response(header: Header, values: object) -> bytes:
    """The response to the request that *header* began, in its version."""
    schema = load_response_schema(header.api, header.version)
    return _encode(schema, {"correlation_id": header.correlation_id}, values)


def build(kind: Any, values: object) -> Any:
    """An object of the kio class *kind*, from a mapping or from another object.

    *values* may have more than *kind* has fields, as a newer version of a message has: the rest is
    left out. What it lacks gets the protocol's default.
    """
    chosen = {}
    for name, part in _list_fields(kind).items():
        if not _has(values, name):
            continue
        value = _get(values, name)
        if part is not None and value is not None:
            value = tuple(build(part, item) for item in value)
        chosen[name] = value
    return kind(**chosen)


def _encode(schema: Any, header: object, body: object) -> bytes:
    buffer = io.BytesIO()
    header_schema = schema.__header_schema__
    _writer(header_schema)(buffer, build(header_schema, header))
    _writer(schema)(buffer, build(schema, body))
    return buffer.getvalue()


@cache
def _writer(schema: Any) -> Callable[[io.BytesIO, Any], None]:
    return typing.cast(Callable[[io.BytesIO, Any], None], entity_writer(schema))


@cache
def _list_fields(kind: Any) -> Mapping[str, Any]:
    """The fields of *kind*; for a list of objects, what class they are of."""
    hints = typing.get_type_hints(kind)
    return {field.name: _find_part(hints[field.name]) for field in dataclasses.fields(kind)}


def _find_part(hint: Any) -> Any:
    """The class of the objects in a `tuple[Part, ...]` or an optional one, or None."""
    for candidate in (hint, *typing.get_args(hint)):
        if typing.get_origin(candidate) is tuple:
            part = typing.get_args(candidate)[0]
            return part if dataclasses.is_dataclass(part) else None
    return None


def _has(values: object, name: str) -> bool:
    return name in values if isinstance(values, Mapping) else hasattr(values, name)


def _get(values: object, name: str) -> Any:
    return values[name] if isinstance(values, Mapping) else getattr(values, name)
