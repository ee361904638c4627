"""Log entries as JSON."""

import json
import logging
import sys

import pytest

from shared.broker.reading.delivery import Delivery
from shared.broker.reading.invalid_record_limit import InvalidRecordLimit
from shared.broker.reading.progress import Progress
from shared.broker.records import Record
from shared.clock import now
from shared.events.cloud_event import build_cloud_event
from shared.log_context import add_log_fields
from shared.runtime.logging.json_logs import JsonFormatter
from shared.runtime.store_delivery import describe_record
from shared.settings import Settings
from shared.trace_context import begin_trace

TRACE = begin_trace("a drop")


class Lines(logging.Handler):
    """Formats what is logged, as a process would write it."""

    def __init__(self):
        super().__init__()
        self.setFormatter(JsonFormatter("ingest"))
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))

    @property
    def entries(self):
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def lines():
    """What the root logger passes at its default level, to this handler alone."""
    handler = Lines()
    logger = logging.getLogger()
    before = logger.level, logger.handlers
    logger.handlers = [handler]
    logger.setLevel(logging.WARNING)
    yield handler
    logger.level, logger.handlers = before


def test_an_entry_is_one_object_on_one_line():
    """Formatted here: a report of a test has no room for half a character."""
    message, arguments = "%s\n said \u202e %s", ("somebody", "\ud800")
    record = logging.LogRecord("a.b", logging.WARNING, __file__, 1, message, arguments, None)
    line = JsonFormatter("ingest").format(record)
    assert "\n" not in line
    assert line.isascii()
    entry = json.loads(line)
    assert entry["message"] == "somebody\n said \u202e \ud800"
    assert (entry["level"], entry["service"], entry["logger"]) == ("WARNING", "ingest", "a.b")
    assert entry["time"].endswith("+00:00")


def test_an_exception_is_told_with_its_traceback(lines):
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError:
        logging.getLogger("a").error("failed", exc_info=sys.exc_info())
    assert "ZeroDivisionError: by nothing" in lines.entries[0]["exception"]
    assert "Traceback" in lines.entries[0]["exception"]


def test_entries_name_what_the_work_in_hand_is_about(lines):
    with add_log_fields({"article": "a1"}), add_log_fields({"trace": "t1"}):
        logging.getLogger("a").warning("inside")
    logging.getLogger("a").warning("outside")
    inside, outside = lines.entries
    assert (inside["article"], inside["trace"]) == ("a1", "t1")
    assert "article" not in outside


def make_record(event, topic="articles.ingested"):
    return Record("c", topic, 0, 7, now(), event.key, event.value, event.headers)


def test_an_event_of_an_article_names_article_and_trace():
    event = build_cloud_event(
        "t", key="a1", event_id="a1.v1", kind="article.ingested", data={}, trace=TRACE
    )
    expected = {"record": "c/articles.ingested/0/7", "article": "a1", "trace": TRACE.trace_id}
    assert describe_record(make_record(event)) == expected


def test_an_event_without_a_trace_gets_none():
    event = build_cloud_event("t", key="s1", event_id="x", kind="story.joined", data={})
    assert describe_record(make_record(event)) == {
        "record": "c/articles.ingested/0/7",
        "story": "s1",
    }


def test_a_seed_names_the_trace_that_begins_with_it():
    record = Record("c", "seeds", 0, 7, now(), None, b"")
    assert describe_record(record) == {
        "record": "c/seeds/0/7",
        "trace": begin_trace("c/seeds/0/7").trace_id,
    }


class Nothing:
    """Neither sends nor keeps anything."""

    topic = "seeds.rejected"

    async def send(self, events, **_):
        return []

    async def save(self, events):
        pass

    async def find_repairs(self, events):
        return []

    async def keep(self, record, error):
        return None


async def test_the_entry_about_a_rejected_record_names_its_article_and_trace(lines):
    async def handle(records):
        raise ZeroDivisionError

    event = build_cloud_event(
        "t", key="a1", event_id="a1.v1", kind="article.ingested", data={}, trace=TRACE
    )
    nothing = Nothing()
    delivery = Delivery(
        "images",
        handle,
        nothing,
        nothing,
        nothing,
        InvalidRecordLimit(Settings()),
        1,
        Progress(),
        describe=describe_record,
    )
    await delivery.deliver([make_record(event)])
    (entry,) = [entry for entry in lines.entries if "is rejected" in entry["message"]]
    assert (entry["article"], entry["trace"]) == ("a1", TRACE.trace_id)
