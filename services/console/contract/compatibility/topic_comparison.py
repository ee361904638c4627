"""What a reader of topics would notice of changes in the AsyncAPI document. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.console.contract.compatibility.breaks import Break
from services.console.contract.compatibility.schema_comparison import Comparison

Document = Mapping[str, Any]


def compare_topics(released: Document, current: Document) -> Iterator[tuple[str, Break]]:
    """Each break with the topic or the event that it is of."""
    for name, channel in released["channels"].items():
        later = current["channels"].get(name)
        if later is None or later["address"] != channel["address"]:
            yield f"topic {name}", _changed("", "is gone: its readers get nothing more", "keep it")
            continue
        for found in _compare_channel(channel, later):
            yield f"topic {name}", found
    later_messages = current["components"]["messages"]
    for kind, message in released["components"]["messages"].items():
        if kind in later_messages and "headers" in message:
            headers = later_messages[kind].get("headers", True)
            for found in Comparison(message["headers"], headers).find_breaks():
                yield f"headers of {kind}", found


def _compare_channel(channel: Document, later: Document) -> Iterator[Break]:
    for kind in channel["messages"].keys() - later["messages"].keys():
        yield _changed("", f"no longer has events {kind}", "keep sending them")
    if channel.get("x-key") != later.get("x-key"):
        yield _changed("x-key", "has another key: readers order and compact by it", "keep the key")
    before, after = channel["bindings"]["kafka"], later["bindings"]["kafka"]
    if before["partitions"] != after["partitions"]:
        yield _changed(
            "partitions",
            f"has {after['partitions']} partitions instead of {before['partitions']}: "
            "the events of one key would lose their order",
            "keep their number",
        )
    yield from _compare_settings(before["topicConfiguration"], after["topicConfiguration"])


def _compare_settings(before: Document, after: Document) -> Iterator[Break]:
    if before["cleanup.policy"] != after["cleanup.policy"]:
        yield _changed(
            "cleanup.policy",
            f"is {' and '.join(after['cleanup.policy'])} instead of "
            f"{' and '.join(before['cleanup.policy'])}",
            "keep it",
        )
    for name in ("retention.ms", "delete.retention.ms"):
        if name in before and after.get(name, 0) < before[name]:
            yield _changed(
                name,
                f"keeps records for a shorter time: {after.get(name)} instead of {before[name]}",
                "keep them as long as was promised, or longer",
            )


def _changed(path: str, sentence: str, remedy: str) -> Break:
    return Break(path, "topic", sentence, remedy)
