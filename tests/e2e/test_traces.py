"""The trace that a producer gives its seed is in every event that the drop caused."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from services.console.audit.topics.topic_reader import TopicReader
from services.console.progress import ignore_progress
from shared.article import derive_article_id
from shared.broker.network.connection import fetch_cluster_id, open_producer
from shared.broker.records import Record
from shared.broker.topic_creation import create_missing_topics
from shared.events.cloud_event import read_kind
from shared.events.topics import (
    ENRICHED,
    INGESTED,
    PUBLISHED_LOG,
    PUBLISHED_STATE,
    RECEIPTS,
    REJECTED,
    SEEDS,
    STORIES_LOG,
    WANTED,
    load_topics,
)
from shared.settings import Settings
from shared.trace_context import parse_trace_context
from tests.conftest import Processes

OF_A = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-aaaaaaaaaaaaaaaa-01"
OF_B = "00-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-bbbbbbbbbbbbbbbb-00"
OF_JUNK = "00-cccccccccccccccccccccccccccccccc-cccccccccccccccc-01"
A, B, C = (derive_article_id(f"paper.example/{name}") for name in "abc")
SERVICES = (
    "services.ingest",
    "services.enrichment.images",
    "services.enrichment.related",
    "services.publishing",
)


async def assert_internal_events_have_traces(settings: Settings, of_c: str | None) -> None:
    """What waits for pictures, and what decides again, is caused by drops too."""
    wanted = await read(settings, WANTED)
    assert {(kind, trace) for _, kind, trace in list_traces(wanted)} == {("picture.wanted", OF_A)}
    enriched = await read(settings, ENRICHED)
    traces: dict[str, set[str | None]] = {}
    for key, _, trace in list_traces(enriched):
        traces.setdefault(key, set()).add(trace)
    assert OF_A in traces[A]
    assert OF_B in traces[A]  # it is outranked since the drop of b
    assert (traces[B], traces[C]) == ({OF_B}, {of_c})
    for record in [*wanted, *enriched]:
        assert record.header("ce_time")
    assert_one_id_is_one_content([*wanted, *enriched])


def assert_one_id_is_one_content(records: Iterable[Record]) -> None:
    contents: dict[str | None, object] = {}
    for record in records:
        content = (record.key, record.value, record.headers)
        assert contents.setdefault(record.header("ce_id"), content) == content


def render_seed(name: str, quality: int, related: str = "", picture: str = "") -> bytes:
    lines = [
        "---",
        f'title: "The harvest of {name}"',
        "publishedDateTime: 2026-03-02T10:00:00Z",
        f"webUrl: https://paper.example/{name}",
        f"quality: {quality}",
    ]
    if related:
        lines += [
            "related:",
            f'  - title: "The harvest of {related}"',
            "    publishedDateTime: 2026-03-02T10:00:00Z",
            f"    webUrl: https://paper.example/{related}",
        ]
    if picture:
        lines += ["images:", f"  - url: {picture}"]
    return "\n".join([*lines, "---", ""]).encode()


async def drop(processes: Processes, seed: bytes, traceparent: str | None) -> None:
    headers = []
    if traceparent is not None:
        headers = [("traceparent", traceparent.encode()), ("tracestate", b"paper=1")]
    async with open_producer(processes.settings) as producer:
        await producer.send_and_wait(SEEDS, seed, headers=headers)
    await asyncio.to_thread(processes.seedwire, "wait", "--timeout", "120")


async def read(settings: Settings, topic: str) -> list[Record]:
    cluster = await fetch_cluster_id(settings)
    reader = TopicReader(settings, cluster, topic, ignore_progress)
    return [record async for record in reader.read()]


def list_traces(records: Iterable[Record]) -> list[tuple[str, str, str | None]]:
    """Key, kind and trace of each record."""
    listed = []
    for record in records:
        key = (record.key or b"").decode()
        listed.append((key, read_kind(record), record.header("traceparent")))
    return listed


async def test_every_event_has_the_trace_of_the_drop_that_caused_it(
    processes: Processes, tmp_path: Path
):
    processes.environment["SEEDWIRE_RELATED"] = "given"
    await create_missing_topics(processes.settings, load_topics())
    for service in SERVICES:
        processes.start(service)
    nowhere = "http://127.0.0.1:9/a.jpg"
    await drop(processes, render_seed("a", 80, picture=nowhere), OF_A)
    await drop(processes, render_seed("b", 95, related="a"), OF_B)
    await drop(processes, b"junk", OF_JUNK)
    await drop(processes, render_seed("c", 90), "malformed")

    receipts = await read(processes.settings, RECEIPTS)
    given = {record.header("traceparent") for record in receipts}
    begun = given - {OF_A, OF_B, OF_JUNK}
    assert len(given) == 4
    assert parse_trace_context(*begun) is not None
    (of_c,) = begun
    for record in receipts:
        has_state = record.header("tracestate") == "paper=1"
        assert has_state is (record.header("traceparent") != of_c)

    (rejected,) = list_traces(await read(processes.settings, REJECTED))
    assert rejected[1:] == ("record.rejected", OF_JUNK)

    ingested = list_traces(await read(processes.settings, INGESTED))
    assert {(key, trace) for key, _, trace in ingested} == {(A, OF_A), (B, OF_B), (C, of_c)}

    log = list_traces(await read(processes.settings, PUBLISHED_LOG))
    assert {*log} == {
        (A, "article.published", OF_A),
        (A, "article.retracted", OF_B),
        (B, "article.published", OF_B),
        (C, "article.published", of_c),
    }
    state = list_traces(await read(processes.settings, PUBLISHED_STATE))
    assert (A, "article.removed", OF_B) in state

    stories = list_traces(await read(processes.settings, STORIES_LOG))
    assert {(kind, trace) for _, kind, trace in stories} >= {("story.created", OF_B)}
    assert {trace for _, _, trace in stories} == {OF_B}

    await assert_internal_events_have_traces(processes.settings, of_c)
