"""What an answer is made from: the request, and what the gateway works with."""

from dataclasses import dataclass
from typing import Any

from deploy.embedded.gateway.connections.broker_connection import BrokerConnection
from deploy.embedded.gateway.connections.client_requests import ClientRequests
from deploy.embedded.gateway.groups.coordinator import Coordinator
from deploy.embedded.gateway.protocol.codec import Header, decode_request
from deploy.embedded.gateway.records.arrivals import Arrivals


@dataclass(frozen=True)
class Address:
    """Where clients find the gateway."""

    host: str
    port: int


@dataclass(frozen=True)
class Session:
    """A client's connection: the broker behind it, and what all clients share."""

    requests: ClientRequests
    broker: BrokerConnection
    coordinator: Coordinator
    arrivals: Arrivals
    address: Address


@dataclass(frozen=True)
class Request:
    """A client's request. The body is an object of the kio class for its version."""

    header: Header
    client_id: str
    body: Any
    frame: bytes


def parse_request(frame: bytes) -> Request:
    """Raises SerialError for bytes that are not Kafka's protocol."""
    header, body = decode_request(frame)
    plain = Header(header.request_api_key, header.request_api_version, header.correlation_id)
    return Request(plain, header.client_id or "", body, frame)
