"""Cases 37 to 48: URLs that parsers disagree about, or that are none of the web's."""

import pytest

from services.enrichment.images.fetching.fetch_outcome import Failure, Later, Measured
from tests.integration.images.hostile.server import answered
from tests.integration.images.hostile.web import HOME, PUBLIC
from tests.picture_host import picture

JPEG = picture(64, 48)
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
async def test_what_is_no_address_of_the_web_is_refused_unasked(web, forbidden, case, url):
    outcome = await web.kind(url.replace("{inside}", f"127.0.0.1:{forbidden.port}"))
    # a user name that is empty is none, and then the host is judged
    assert outcome == (Failure.FORBIDDEN if url.startswith("http://:@") else Failure.BAD_ADDRESS)
    assert web.resolved == []


@pytest.mark.hostile(40)
@pytest.mark.parametrize("slash", ["\\", "\\\\", "/\\"])
async def test_a_backslash_ends_the_host_as_in_browsers(web, host, forbidden, slash):
    host.answers["/@127.0.0.1/"] = host.answers["//@127.0.0.1/"] = answered(200, JPEG)
    url = host.url("").removesuffix("/") + f"{slash}@127.0.0.1/"
    assert await web.kind(url) == Measured
    assert await web.kind(f"http://127.0.0.1:{forbidden.port}{slash}@{HOME}/") == Failure.FORBIDDEN


@pytest.mark.hostile(41)
async def test_tabs_and_line_ends_make_no_second_header(web, host):
    host.answers["/x.jpgX-Evil:1"] = host.answers["/x.jpg%20X"] = answered(200, JPEG)
    assert (
        await web.kind("ht\ntp://" + host.url("/x.jp\r\ng\tX-Evil:1").removeprefix("http://"))
        == Measured
    )
    assert await web.kind(host.url("/x.jpg X")) == Measured
    assert all("\nx-evil" not in head.lower() for head in host.asked)
    for path in ("/%0d%0aX-Evil:%201", "/%0a"):
        assert await web.kind(host.url(path)) == Failure.NOT_FOUND
    assert all("\nx-evil" not in head.lower() for head in host.asked)


@pytest.mark.hostile(42)
async def test_a_null_byte_is_no_part_of_a_host_and_stays_encoded_in_a_path(web, host):
    for name in (f"{HOME}%00.paper.example", "127.0.0.1%00", "%00"):
        assert await web.kind(f"http://{name}:{host.port}/") == Failure.BAD_ADDRESS
    host.answers["/a%00.jpg"] = answered(200, JPEG)
    assert await web.kind(host.url("/a%00.jpg")) == Measured
    assert await web.kind(host.url("/a\x00.jpg")) == Measured


@pytest.mark.hostile(43)
@pytest.mark.parametrize("port", [22, 25, 8080, 65535])
async def test_a_port_that_is_not_the_webs_is_refused(web, port):
    assert await web.kind(f"http://{PUBLIC}:{port}/") == Failure.FORBIDDEN


@pytest.mark.hostile(44)
@pytest.mark.parametrize("port", [6667, 3306, 6379, 11211, 27017, 9092])
async def test_a_port_of_another_service_is_refused_behind_a_public_name(web, port):
    web.names["public.example"] = [PUBLIC]
    assert await web.kind(f"https://public.example:{port}/") == Failure.FORBIDDEN


@pytest.mark.hostile(47)
async def test_what_is_encoded_twice_is_decoded_once_at_most(web, host, forbidden):
    host.answers["/%252e%252e/x"] = answered(200, JPEG)
    assert await web.kind(host.url("/%252e%252e/x")) == Measured
    assert await web.kind(f"http://%2531%2532%2537.0.0.1:{forbidden.port}/") == Failure.BAD_ADDRESS
    assert await web.kind(f"http://%31%32%37.0.0.1:{forbidden.port}/") == Failure.FORBIDDEN


async def test_a_name_that_merely_looks_long_is_asked_for(web):
    assert await web.kind("http://" + "a." * 60 + "example/") == Later
