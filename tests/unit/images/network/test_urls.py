"""How URLs and redirects are parsed."""

import pytest

from services.enrichment.images.fetch_outcome import Failure, FailureKind
from services.enrichment.images.network.urls import ParsedUrl, parse_redirect, parse_url


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
def test_a_url_is_fetched_as_it_is_parsed(url: str, fetched: str):
    parsed = parse_url(url)
    assert isinstance(parsed, ParsedUrl)
    assert parsed.url == fetched


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
def test_what_is_not_fetched_is_a_bad_url(url: str):
    outcome = parse_url(url)
    assert isinstance(outcome, Failure)
    assert outcome.kind == FailureKind.BAD_URL


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b", "https://p.example/b"),
        ("c.jpg", "https://p.example/a/c.jpg"),
        ("//q.example/d", "https://q.example/d"),
    ],
)
def test_a_redirect_may_be_relative(location: str, target: str):
    parsed = parse_redirect("https://p.example/a/b.jpg", location)
    assert isinstance(parsed, ParsedUrl)
    assert parsed.url == target


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "http://p.example/", "https://u:p@p.example/", "http://["]
)
def test_a_redirect_to_elsewhere_is_not_followed(location: str):
    outcome = parse_redirect("https://p.example/a", location)
    assert isinstance(outcome, Failure)
    assert outcome.kind == FailureKind.REDIRECTS
