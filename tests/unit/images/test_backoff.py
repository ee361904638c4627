"""When a picture is tried again, and what a URL or a header may say."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from services.enrichment.images.fetching.fetch_outcome import Failed, Failure
from services.enrichment.images.fetching.http_response import retry_after
from services.enrichment.images.network.urls import located, moved
from services.enrichment.images.scheduling.backoff import pause
from shared.clock import now

DAY = 24 * 3600


def test_pauses_double_and_end_at_a_day():
    assert [pause(n, 60, None, lambda: 1.0) for n in (1, 2, 3, 4)] == [60, 120, 240, 480]
    assert pause(30, 60, None, lambda: 1.0) == DAY


def test_jitter_takes_away_half_at_the_most():
    assert pause(2, 60, None, lambda: 0.0) == 60


def test_a_host_that_asks_for_more_gets_it():
    assert pause(1, 60, 600, lambda: 1.0) == 600
    assert pause(1, 60, 1, lambda: 1.0) == 60


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("-3", 0),
        ("--5", None),
        ("-" * 20 + "5", None),
        ("٣", None),
        ("315360000", DAY),
        (None, None),
        ("", None),
        ("soon", None),
        ("9" * 400, DAY),
    ],
)
def test_retry_after_in_seconds(header, seconds):
    assert retry_after(header) == seconds


def test_retry_after_as_a_date():
    asked = retry_after(format_datetime(now() + timedelta(hours=1), usegmt=True))
    assert asked == pytest.approx(3600, abs=5)
    assert retry_after(format_datetime(now() - timedelta(hours=1), usegmt=True)) == 0


@pytest.mark.parametrize(
    ("url", "fetched"),
    [
        ("HTTP://Paper.Example:80/a b#top", "http://paper.example/a%20b"),
        ("http://2130706433/x", "http://127.0.0.1/x"),
        ("http://0x7f.1/x", "http://127.0.0.1/x"),
        ("http://127.1", "http://127.0.0.1/"),
        ("http://good.example\\@127.0.0.1/", "http://good.example/@127.0.0.1/"),
        ("http://１２７.0.0.1/", "http://127.0.0.1/"),
        ("http://a.example/\n\tx", "http://a.example/x"),
    ],
)
def test_a_url_is_fetched_as_it_is_read(url, fetched):
    assert located(url).url == fetched


@pytest.mark.parametrize(
    "url",
    [
        "ftp://paper.example/x",
        "file:///etc/passwd",
        "gopher://paper.example/",
        "data:image/png;base64,AAAA",
        "http://user@paper.example/x",
        "http://user:word@paper.example/x",
        "//paper.example/x",
        "http://",
        "http://paper.example:99999/",
        "http://paper.example:0/",
        "http://%00/",
        "http://paper.example/" + "x" * 65_536,
    ],
)
def test_what_is_not_fetched_is_a_bad_address(url):
    outcome = located(url)
    assert isinstance(outcome, Failed)
    assert outcome.kind == Failure.BAD_ADDRESS


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b", "https://p.example/b"),
        ("c.jpg", "https://p.example/a/c.jpg"),
        ("//q.example/d", "https://q.example/d"),
    ],
)
def test_a_redirect_may_be_relative(location, target):
    assert moved("https://p.example/a/b.jpg", location).url == target


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "http://p.example/", "https://u:p@p.example/", "http://["]
)
def test_a_redirect_to_elsewhere_is_not_followed(location):
    outcome = moved("https://p.example/a", location)
    assert isinstance(outcome, Failed)
    assert outcome.kind == Failure.REDIRECTS
