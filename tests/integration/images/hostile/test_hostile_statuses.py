"""Cases 76 to 81: the statuses of responses."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from services.enrichment.images.fetch_outcome import FailureKind, RetryLater
from shared.clock import now
from tests.integration.images.hostile.server import response

DAY = 24 * 3600


@pytest.mark.hostile(76)
@pytest.mark.parametrize("status", [401, 402, 403, 407, 451])
async def test_a_refusing_status_is_forbidden(web, host, status):
    host.responses["/x"] = response(status)
    assert await web.fetch_kind(host.url("/x")) == FailureKind.FORBIDDEN
    assert len(host.requests) == 1


@pytest.mark.hostile(77)
@pytest.mark.parametrize("status", [404, 410])
async def test_a_missing_picture_is_not_found(web, host, status):
    host.responses["/x"] = response(status)
    assert await web.fetch_kind(host.url("/x")) == FailureKind.NOT_FOUND


@pytest.mark.hostile(78)
@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504, 520, 599])
async def test_a_transient_status_is_retried(web, host, status):
    host.responses["/x"] = response(status)
    assert await web.fetch_kind(host.url("/x")) == RetryLater


@pytest.mark.hostile(79)
@pytest.mark.parametrize("status", [201, 204, 300, 305, 306, 400, 405, 406, 418])
async def test_any_other_status_is_unexpected(web, host, status):
    host.responses["/x"] = response(status, b"", "Location: http://127.0.0.1/")
    assert await web.fetch_kind(host.url("/x")) == FailureKind.STATUS


@pytest.mark.hostile(80)
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (timedelta(hours=1), 3600),
        (timedelta(hours=-1), 0),
        ("-120", 0),
        (str(10 * 365 * DAY), DAY),
        ("9" * 5000, DAY),
        (timedelta(days=3650), DAY),
        ("Mon, 99 Foo 2026 99:99:99 GMT", None),
        ("soon", None),
        ("1e9", None),
        ("inf", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_obeyed_for_up_to_a_day(web, host, status, header, seconds):
    if isinstance(header, timedelta):
        header = format_datetime(now() + header, usegmt=True)
    host.responses["/x"] = response(status, b"", f"Retry-After: {header}")
    outcome = await web.fetch(host.url("/x"))
    assert isinstance(outcome, RetryLater)
    assert outcome.retry_after == (None if seconds is None else pytest.approx(seconds, abs=60))
    again = await web.fetch(host.url("/y"))
    assert len(host.requests) == (1 if seconds else 2), (
        "the host is left alone as long as it asked for"
    )
    assert isinstance(again, RetryLater) == bool(seconds)


@pytest.mark.hostile(81)
@pytest.mark.parametrize(
    "page",
    [b"<!doctype html><title>Not found</title>", b"\n <html>", b"Not found", b'{"error":404}'],
)
async def test_an_error_page_with_status_200_is_not_a_picture(web, host, page):
    host.responses["/x.jpg"] = response(200, page, "Content-Type: image/jpeg")
    assert await web.fetch_kind(host.url("/x.jpg")) == FailureKind.NOT_A_PICTURE
