"""Budgets: they add up, and cuts never break a character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import budgets
from shared.broker.records import measure_record
from shared.budgets import cut_bytes, cut_text
from shared.events.topics import SEEDS, load_topics

KAFKA_DEFAULT = 1_048_588  # message.max.bytes of a broker that nobody configured
ESCAPED = 6  # bytes of a character as JSON, at the most


def test_every_event_fits_into_a_topic_without_settings():
    assert budgets.MAX_EVENT_BYTES + 40_000 < KAFKA_DEFAULT


def test_every_topic_takes_its_largest_record():
    limits = {
        topic.name: int(topic.settings.get("max.message.bytes", KAFKA_DEFAULT))
        for topic in load_topics()
    }
    assert min(limits.values()) > budgets.MAX_EVENT_BYTES
    largest_seed = (
        budgets.MAX_SEED_BYTES + budgets.MAX_RECORD_KEY_BYTES + budgets.MAX_RECORD_HEADERS_BYTES
    )
    assert limits[SEEDS] > largest_seed


def test_the_parts_of_a_published_event_add_up():
    article = (
        budgets.MAX_ARTICLE_BYTES
        + budgets.MAX_RELATED_BYTES
        + budgets.PAGE_GROWTH_BYTES
        + budgets.DECISION_GROWTH_BYTES
    )
    assert article == budgets.MAX_EVENT_BYTES
    quoted = 2 * budgets.MAX_QUOTED_TITLE_CHARACTERS * ESCAPED
    assert quoted < budgets.DECISION_GROWTH_BYTES / 2
    texts = budgets.MAX_RELATED_TITLE_CHARACTERS + budgets.MAX_RELATED_EXCERPT_CHARACTERS
    assert texts * ESCAPED < budgets.MAX_RELATED_ENTRY_BYTES / 2


def test_the_causes_of_a_receipt_add_up():
    texts = budgets.MAX_CAUSE_FIELD_CHARACTERS + budgets.MAX_CAUSE_MESSAGE_CHARACTERS
    frame = len('{"field":"","line":1048576,"message":""},')
    assert budgets.MAX_CAUSES * (texts * ESCAPED + frame) < budgets.CAUSES_BYTES
    path = budgets.MAX_PATH_CHARACTERS * ESCAPED
    subject = 3 * budgets.MAX_EVENT_KEY_BYTES  # each byte that is no UTF-8 becomes U+FFFD
    receipt = 2 * budgets.CAUSES_BYTES + path + subject + budgets.MAX_EVENT_KEY_BYTES
    assert receipt < budgets.MAX_EVENT_BYTES / 2


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("two words", 5, "two…"),  # no space before the ellipsis
        ("cafe\u0301s", 5, "caf…"),  # the accent stays with its letter
        ("ab👩\u200d👩\u200d👧cd", 6, "ab…"),  # and a family together
        ("ab❤\ufe0fcd", 4, "ab…"),
        ("e" + "\u0301" * 500, 100, "e" + "\u0301" * 66 + "…"),  # but nobody makes us search
    ],
)
def test_a_text_is_cut_between_characters(text: str, limit: int, cut: str):
    assert cut_text(text, limit) == cut


@given(st.text(), st.integers(1, 50))
def test_a_cut_text_is_never_too_long(text: str, limit: int):
    assert len(cut_text(text, limit)) <= limit


@pytest.mark.parametrize(
    ("value", "limit", "cut"),
    [
        (b"abc", 3, b"abc"),
        (b"abcd", 3, b"abc"),
        ("aäb".encode(), 2, b"a"),
        ("a👩b".encode(), 4, b"a"),
        (b"\x80" * 9, 5, b"\x80" * 5),  # no UTF-8 at all
    ],
)
def test_bytes_are_cut_between_characters_if_they_are_utf_8(value: bytes, limit: int, cut: bytes):
    assert cut_bytes(value, limit) == cut


@given(st.text(min_size=1), st.integers(4, 50))
def test_cut_utf_8_stays_utf_8(text: str, limit: int):
    cut = cut_bytes(text.encode(), limit)
    assert len(cut) <= limit
    assert text.startswith(cut.decode())


def test_a_record_is_measured_with_its_headers():
    bare = measure_record(b"key", b"value", ())
    assert measure_record(b"key", b"value", (("ä", b"12345"), ("n", None))) == bare + 7 + 1 + 20
    assert measure_record(None, None, ()) < 150
