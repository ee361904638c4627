"""What the typed consumer reads in a record: an event, nothing for it, or junk."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.conformance.newsroom import Newsroom, build_tombstone
from services.console.conformance.strange_records import (
    LATER_FIELDS,
    build_junk,
    build_later_types,
    with_later_headers,
)
from shared.broker.records import Event
from shared.consumer import ARTICLES, STORIES, Removal, Upsert
from shared.consumer.feed import Ignored, Junk
from shared.contract_files import CONTRACT
from shared.events.public.articles import PublishedArticle, RetractedArticle


@dataclass(frozen=True)
class Raw:
    """A record as aiokafka has it."""

    key: Any
    value: Any
    headers: Any = ()
    topic: str = "published.log"


def read(event: Event) -> Any:
    return ARTICLES.read(Raw(event.key, event.value, event.headers))


def test_a_published_article_is_an_upsert_with_its_model():
    reading = read(Newsroom().publish("bridge").log)
    assert isinstance(reading, Upsert)
    assert (reading.id, reading.revision) == ("bridge", 1)
    assert isinstance(reading.data, PublishedArticle)
    assert reading.data.url == "https://paper.example/bridge"


def test_a_retraction_is_a_removal_that_says_why():
    newsroom = Newsroom()
    newsroom.publish("bridge")
    retracted = newsroom.retract("bridge")
    reading = read(retracted.log)
    assert isinstance(reading, Removal)
    assert reading.revision == 2
    assert isinstance(reading.data, RetractedArticle)
    assert read(retracted.state) == Removal("bridge", 2, None)


def test_an_id_with_dots_keeps_them_in_its_tombstone():
    assert read(build_tombstone("a.7.b", 12)) == Removal("a.7.b", 12, None)


def test_fields_headers_and_values_of_a_later_version_are_read_past():
    revised = with_later_headers(Newsroom().publish("bridge", **LATER_FIELDS))
    reading = read(revised.log)
    assert isinstance(reading, Upsert)
    assert reading.data.type == "podcast"
    assert reading.data.extra == LATER_FIELDS["extra"]


@pytest.mark.parametrize("event", build_later_types("bridge"))
def test_types_of_a_later_version_are_ignored(event: Event):
    assert read(event) == Ignored()


@pytest.mark.parametrize("event", build_junk("bridge"))
def test_junk_says_nothing_and_where_it_can_be_told_has_a_cause(event: Event):
    match read(event):
        case Junk(cause):
            assert cause
        case reading:
            assert reading == Ignored()  # its type is bytes that nobody knows
            assert ("ce_type", b"\xff") in event.headers


@pytest.mark.parametrize("event_id", ["bridge.2", "comet.2.tombstone", "bridge.0.tombstone", ""])
def test_a_tombstone_that_names_no_revision_of_its_key_is_junk(event_id: str):
    event = build_tombstone("bridge", 2)
    headers = [
        (name, event_id.encode() if name == "ce_id" else value) for name, value in event.headers
    ]
    assert isinstance(read(replace(event, headers=tuple(headers))), Junk)


@given(
    st.none() | st.binary(max_size=40),
    st.none() | st.binary(max_size=200),
    st.lists(
        st.tuples(st.sampled_from(["ce_type", "ce_id", "x"]), st.none() | st.binary(max_size=40)),
        max_size=4,
    ),
)
def test_no_bytes_make_it_fail(key: Any, value: Any, headers: Any):
    known = ("ce_type", b"io.seedwire.article.published.v1")
    for more in ((), (known,)):
        reading = ARTICLES.read(Raw(key, value, (*more, *headers)))
        assert isinstance(reading, Junk | Ignored)


EXAMPLES = sorted((CONTRACT / "examples").glob("*.json"))


def read_example(path: Path, feed: Any) -> Any:
    example = json.loads(path.read_text())
    headers = [(name, value.encode()) for name, value in example["headers"].items()]
    value = None if example["value"] is None else json.dumps(example["value"]).encode()
    return feed.read(Raw(example["key"].encode(), value, headers))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_captured_example_is_read_by_its_feed_and_by_no_other(path: Path):
    readings = {feed.log: read_example(path, feed) for feed in (ARTICLES, STORIES)}
    own = {"article": "published.log", "story": "stories.log"}.get(path.stem.partition(".")[0])
    for log, reading in readings.items():
        assert isinstance(reading, Upsert | Removal) == (log == own), (log, reading)
    if own:
        ends = ("article.retracted", "article.removed", "story.ended", "story.removed")
        assert isinstance(readings[own], Removal) == (path.stem in ends)
        assert readings[own].id == json.loads(path.read_text())["key"]
