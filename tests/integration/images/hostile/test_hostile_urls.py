"""Cases 37 to 48: URLs that parsers disagree about, or that are not http or https."""

import pytest

from services.enrichment.images.fetch_outcome import (
    FailureKind,
    RetryLater,
    VerifiedPicture,
)
from tests.integration.images.hostile.server import response
from tests.integration.images.hostile.web import HOME, PUBLIC
from tests.picture_host import make_jpeg

JPEG = make_jpeg(64, 48)
REFUSED = {
    37: [
        "file:///etc/passwd",
        "gopher://{inside}/",
        "ftp://{inside}/x.jpg",
        "jar:http://{inside}/!/x",
        "javascript:1",
    ],
    38: ["data:image/png;base64,iVBORw0KGgo=", "DATA:text/html,<script>"],
    39: [
        "http://user@{inside}/",
        "http://user:word@{inside}/",
        "http://paper.example:80@{inside}/",
        "http://:@{inside}/",
    ],
    43: [
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:-1/",
        "http://127.0.0.1:8O/",
    ],
    45: ["http://", "http:///", "https://:80/", "http://?x", "http:"],
    46: ["//{inside}/x.jpg", "/x.jpg", "x.jpg", ""],
    48: [
        "http://{inside}/" + "x" * 65_536,
        "http://" + "a." * 5_000 + "example/",
        "http://{inside}/?" + "%41" * 9_000,
    ],
}


@pytest.mark.hostile(*REFUSED.keys() - {43})
@pytest.mark.parametrize(
    ("case", "url"),
    [
        pytest.param(case, url, id=f"{case}-{url[:40]}")
        for case, urls in REFUSED.items()
        for url in urls
    ],
)
async def test_what_is_not_an_http_url_is_refused_unresolved(web, forbidden, case, url):
    outcome = await web.fetch_kind(url.replace("{inside}", f"127.0.0.1:{forbidden.port}"))
    # An empty user name counts as none; then the host is checked.
    assert outcome == (
        FailureKind.FORBIDDEN if url.startswith("http://:@") else FailureKind.BAD_URL
    )
    assert web.resolved == []


@pytest.mark.hostile(40)
@pytest.mark.parametrize("slash", ["\\", "\\\\", "/\\"])
async def test_a_backslash_ends_the_host_as_in_browsers(web, host, forbidden, slash):
    host.responses["/@127.0.0.1/"] = host.responses["//@127.0.0.1/"] = response(200, JPEG)
    url = host.url("").removesuffix("/") + f"{slash}@127.0.0.1/"
    assert await web.fetch_kind(url) == VerifiedPicture
    assert (
        await web.fetch_kind(f"http://127.0.0.1:{forbidden.port}{slash}@{HOME}/")
        == FailureKind.FORBIDDEN
    )


@pytest.mark.hostile(41)
async def test_tabs_and_line_ends_make_no_second_header(web, host):
    host.responses["/x.jpgX-Evil:1"] = host.responses["/x.jpg%20X"] = response(200, JPEG)
    assert (
        await web.fetch_kind("ht\ntp://" + host.url("/x.jp\r\ng\tX-Evil:1").removeprefix("http://"))
        == VerifiedPicture
    )
    assert await web.fetch_kind(host.url("/x.jpg X")) == VerifiedPicture
    assert all("\nx-evil" not in head.lower() for head in host.requests)
    for path in ("/%0d%0aX-Evil:%201", "/%0a"):
        assert await web.fetch_kind(host.url(path)) == FailureKind.NOT_FOUND
    assert all("\nx-evil" not in head.lower() for head in host.requests)


@pytest.mark.hostile(42)
async def test_a_null_byte_is_refused_in_a_host_and_stays_encoded_in_a_path(web, host):
    for name in (f"{HOME}%00.paper.example", "127.0.0.1%00", "%00"):
        assert await web.fetch_kind(f"http://{name}:{host.port}/") == FailureKind.BAD_URL
    host.responses["/a%00.jpg"] = response(200, JPEG)
    assert await web.fetch_kind(host.url("/a%00.jpg")) == VerifiedPicture
    assert await web.fetch_kind(host.url("/a\x00.jpg")) == VerifiedPicture


@pytest.mark.hostile(43)
@pytest.mark.parametrize("port", [22, 25, 8080, 65535])
async def test_a_port_other_than_the_webs_is_refused(web, port):
    assert await web.fetch_kind(f"http://{PUBLIC}:{port}/") == FailureKind.FORBIDDEN


@pytest.mark.hostile(44)
@pytest.mark.parametrize("port", [6667, 3306, 6379, 11211, 27017, 9092])
async def test_a_port_of_another_service_is_refused_behind_a_public_name(web, port):
    web.names["public.example"] = [PUBLIC]
    assert await web.fetch_kind(f"https://public.example:{port}/") == FailureKind.FORBIDDEN


@pytest.mark.hostile(47)
async def test_what_is_encoded_twice_is_decoded_once_at_most(web, host, forbidden):
    host.responses["/%252e%252e/x"] = response(200, JPEG)
    assert await web.fetch_kind(host.url("/%252e%252e/x")) == VerifiedPicture
    assert (
        await web.fetch_kind(f"http://%2531%2532%2537.0.0.1:{forbidden.port}/")
        == FailureKind.BAD_URL
    )
    assert (
        await web.fetch_kind(f"http://%31%32%37.0.0.1:{forbidden.port}/") == FailureKind.FORBIDDEN
    )


async def test_a_long_name_is_resolved(web):
    assert await web.fetch_kind("http://" + "a." * 60 + "example/") == RetryLater
