"""Kafka's messages between bytes and objects, and what the gateway changes in them."""

import struct
from datetime import timedelta

import pytest
from kio.schema.errors import ErrorCode
from kio.serial.errors import SerialError

from deploy.embedded.gateway.cluster import answer_api_versions, readdress
from deploy.embedded.gateway.protocol.api_keys import (
    API_VERSIONS,
    FIND_COORDINATOR,
    METADATA,
    VERSIONS,
    is_supported,
)
from deploy.embedded.gateway.protocol.codec import (
    Header,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
)
from deploy.embedded.gateway.session import Address

METADATA_ANSWER = {
    "throttle_time": timedelta(),
    "brokers": [{"node_id": 1, "host": "10.0.0.1", "port": 1, "rack": None}],
    "cluster_id": "a cluster",
    "controller_id": 1,
    "topics": [],
}


@pytest.mark.parametrize("version", range(13))
def test_an_answer_is_written_in_the_version_of_the_request(version: int):
    frame = encode_response(Header(METADATA, version, 7), METADATA_ANSWER)
    assert struct.unpack_from(">i", frame) == (7,)
    answer = decode_response(METADATA, version, frame)
    assert answer.brokers[0].host == "10.0.0.1"
    assert hasattr(answer, "cluster_id") == (version >= 2), "older versions have fewer fields"


def test_a_request_is_read_as_it_was_written():
    request = {
        "topics": [{"name": "seeds", "topic_id": None}],
        "allow_auto_topic_creation": False,
        "include_topic_authorized_operations": False,
    }
    header, body = decode_request(encode_request(METADATA, 12, request))
    assert (header.request_api_key, header.request_api_version) == (METADATA, 12)
    assert [topic.name for topic in body.topics] == ["seeds"]


def test_bytes_that_are_no_request_are_an_error():
    with pytest.raises(SerialError):
        decode_request(struct.pack(">hhi", METADATA, 12, 1) + b"\xff")


@pytest.mark.parametrize("version", [0, 3, 4])
def test_the_address_is_replaced_wherever_it_stands(version: int):
    node = {"node_id": 1, "host": "10.0.0.1", "port": 1, "error_code": ErrorCode.none}
    values = {
        **node,
        "throttle_time": timedelta(),
        "error_message": None,
        "coordinators": [{**node, "key": "readers", "error_message": None}],
    }
    frame = encode_response(Header(FIND_COORDINATOR, version, 1), values)
    found = decode_response(FIND_COORDINATOR, version, frame)
    changed = readdress(found, Address("127.0.0.1", 9092))
    node = changed.coordinators[0] if version == 4 else changed
    assert (node.host, node.port) == ("127.0.0.1", 9092)


@pytest.mark.parametrize("version", [0, 1, 2, 3, 4])
def test_every_client_learns_which_versions_there_are(version: int):
    answer = decode_response(
        API_VERSIONS, version, answer_api_versions(Header(API_VERSIONS, version, 1))
    )
    offered = {key.api_key: (key.min_version, key.max_version) for key in answer.api_keys}
    assert offered == dict(VERSIONS)


def test_what_is_not_offered_is_not_supported():
    assert is_supported(METADATA, 12)
    assert not is_supported(METADATA, 13)
    assert not is_supported(24, 0), "transactions"
