"""What is believed of a host's response."""

from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from services.enrichment.images.fetch_outcome import NO_VALIDATORS, Failure
from services.enrichment.images.fetching.http_response import (
    classify_response,
    max_body_size,
    parse_retry_after,
)
from services.enrichment.images.fetching.resource_type import PICTURE
from services.enrichment.images.limits import MAX_PICTURE_BYTES
from shared.clock import now

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("headers", "size"),
    [
        ({}, MAX_PICTURE_BYTES),
        ({"content-length": "0"}, 0),
        ({"content-length": "1000"}, 1000),
        ({"content-length": "0" * 30 + "1000"}, 1000),
        # In a chunked response the length says nothing.
        ({"content-length": "1", "transfer-encoding": "chunked"}, MAX_PICTURE_BYTES),
        ({"content-length": "9" * 40}, MAX_PICTURE_BYTES),
    ],
)
def test_a_body_is_given_the_memory_that_it_may_fill(headers: dict[str, str], size: int):
    assert max_body_size(httpx.Response(200, headers=headers), PICTURE) == size


@pytest.mark.parametrize(
    ("length", "is_refused"), [("15728640", False), ("0" * 30 + "15728641", True)]
)
def test_a_length_over_the_limit_is_refused_however_it_is_written(length: str, is_refused: bool):
    response = httpx.Response(200, headers={"content-length": length})
    result = classify_response(response, PICTURE, NO_VALIDATORS)
    assert isinstance(result, Failure) == is_refused


@pytest.mark.parametrize(
    ("encoding", "is_refused"),
    [
        ("", False),
        ("identity", False),
        ("identity, identity", False),
        ("x-identity", False),
        ("UTF-8", False),
        ("aws-chunked", False),
        ("aws-chunked,", False),
        ("8bit", False),
        ("gzip", True),
        (" GZip ", True),
        ("aws-chunked,gzip", True),
        ("br", True),
        ("x-compress", True),
    ],
)
def test_a_body_is_refused_only_under_a_compression_that_browsers_know(
    encoding: str, is_refused: bool
):
    response = httpx.Response(200, headers={"content-encoding": encoding})
    result = classify_response(response, PICTURE, NO_VALIDATORS)
    assert isinstance(result, Failure) == is_refused


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
def test_retry_after_may_be_in_seconds(header: str | None, seconds: float | None):
    assert parse_retry_after(header) == seconds


def test_retry_after_may_be_a_date():
    in_an_hour = format_datetime(now() + timedelta(hours=1), usegmt=True)
    an_hour_ago = format_datetime(now() - timedelta(hours=1), usegmt=True)
    assert parse_retry_after(in_an_hour) == pytest.approx(3600, abs=5)
    assert parse_retry_after(an_hour_ago) == 0
