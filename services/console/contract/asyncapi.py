"""The AsyncAPI 3 document: topics, keys, headers, compaction and retention.

FastStream describes handlers; most of these topics have none here, and their settings are in
`deploy/topics.toml`.
"""

from collections.abc import Mapping
from typing import Any, Final

from services.console.contract.channels import (
    CHANNELS,
    RECORD_REJECTED,
    SEED,
    TOMBSTONES,
    Channel,
)
from services.console.contract.headers import build_header_schema
from services.console.contract.paths import name_schema_file
from shared.broker.topic_creation import Topic
from shared.events.cloud_event import JSON, build_event_type
from shared.events.topics import load_topics

CONTRACT_VERSION: Final = "1.0.0"
SCHEMA_FORMAT: Final = "application/schema+json;version=draft-2020-12"
BINDING_VERSION: Final = "0.5.0"  # of AsyncAPI's Kafka bindings

Document = dict[str, Any]

_DESCRIPTION: Final = (
    "What Seedwire publishes, and how seeds get in. Events are CloudEvents 1.0 in Kafka's binary "
    "mode: attributes in headers, JSON in the value. Ignore fields, headers, values of "
    "enumerations and types of events that you do not know: they are added without notice. "
    "Nothing else changes without a new major version of the type."
)


def build_asyncapi() -> Document:
    declared = {topic.name: topic for topic in load_topics()}
    channels: Document = {}
    operations: Document = {}
    messages: Document = {}
    for channel in CHANNELS:
        channels[channel.topic] = _build_channel(channel, declared[channel.topic])
        operations[_name_operation(channel)] = _build_operation(channel)
        messages |= {kind: _build_message(kind) for kind in channel.kinds}
    return {
        "asyncapi": "3.0.0",
        "id": "urn:seedwire:contract",
        "info": {"title": "Seedwire", "version": CONTRACT_VERSION, "description": _DESCRIPTION},
        "defaultContentType": JSON,
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


def _build_channel(channel: Channel, topic: Topic) -> Document:
    return {
        "address": channel.topic,
        "summary": channel.summary,
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in channel.kinds},
        "bindings": {
            "kafka": {
                "topic": channel.topic,
                "partitions": topic.partitions,
                "topicConfiguration": _build_configuration(topic.settings),
                "bindingVersion": BINDING_VERSION,
            }
        },
        "x-key": channel.key,
    }


def _build_configuration(settings: Mapping[str, str]) -> Document:
    """Kafka's own settings, those that are numbers as numbers."""
    described: Document = {"cleanup.policy": settings.get("cleanup.policy", "delete").split(",")}
    for name in ("retention.ms", "delete.retention.ms", "max.message.bytes"):
        if name in settings:
            described[name] = int(settings[name])
    return described


def _name_operation(channel: Channel) -> str:
    return ("send." if channel.is_ours else "receive.") + channel.topic


def _build_operation(channel: Channel) -> Document:
    """As AsyncAPI has it, from the side of Seedwire: what it sends, others receive."""
    return {
        "action": "send" if channel.is_ours else "receive",
        "channel": {"$ref": f"#/channels/{channel.topic}"},
        "summary": channel.summary,
        "messages": [
            {"$ref": f"#/channels/{channel.topic}/messages/{kind}"} for kind in channel.kinds
        ],
    }


def _build_message(kind: str) -> Document:
    if kind == SEED:
        return {
            "name": kind,
            "title": "A seed file",
            "summary": "Needs no header and no key.",
            "contentType": "text/markdown",
            "payload": {"type": "string"},
            "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": BINDING_VERSION}},
        }
    message: Document = {
        "name": kind,
        "title": build_event_type(kind),
        "headers": build_header_schema(kind),
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": BINDING_VERSION}},
    }
    return message | _build_content(kind)


def _build_content(kind: str) -> Document:
    if kind in TOMBSTONES:
        return {"summary": "A tombstone: it has no value.", "payload": {"type": "null"}}
    if kind == RECORD_REJECTED:
        return {
            "summary": "The bytes of the rejected record, whatever they are. Its own headers come "
            "along as `original-…`; where it was too large, `seedwire-cut-…` say what was cut.",
            "contentType": "application/octet-stream",
            "payload": {"type": "string", "format": "binary"},
        }
    schema = {"$ref": f"./{name_schema_file(kind)}"}
    return {"contentType": JSON, "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": schema}}
