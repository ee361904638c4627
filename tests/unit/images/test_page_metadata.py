"""What is found on pages, honest and hostile ones."""

import json
import time

import pytest

from services.enrichment.images.pages.page_metadata import CANDIDATES, Found, decoded, find, head_of

URL = "https://paper.example/2026/story?id=1"
HTML = "text/html; charset=utf-8"


def found(head: str, url: str = URL, content_type: str = HTML) -> Found:
    return find(
        f"<!doctype html><html><head>{head}</head><body>text</body></html>".encode(),
        content_type,
        url,
    )


def script(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def test_open_graph_comes_before_twitter_and_structured_data():
    page = found(
        script({"@type": "NewsArticle", "image": ["https://cdn.example/ld.jpg"]})
        + '<meta name="twitter:image" content="https://cdn.example/tw.jpg">'
        '<meta property="og:image" content="https://cdn.example/og.jpg">'
    )
    assert page.images == tuple(f"https://cdn.example/{name}.jpg" for name in ("og", "tw", "ld"))


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:image" content="https://cdn.example/a.jpg">',
        '<META NAME="OG:IMAGE" CONTENT=" https://cdn.example/a.jpg ">',
        "<meta property=og:image:secure_url content=https://cdn.example/a.jpg />",
        '<meta name="twitter:image:src" content="//cdn.example/a.jpg">',
        '<base href="https://cdn.example/x/"><meta property="og:image" content="../a.jpg">',
        script({"image": "https://cdn.example/a.jpg"}),
        script({"image": {"@type": "ImageObject", "url": "https://cdn.example/a.jpg"}}),
        script([{"@type": "WebSite"}, {"image": [{"contentUrl": "https://cdn.example/a.jpg"}]}]),
        script(
            {
                "@graph": [
                    {"@type": "WebPage"},
                    {"@type": "Article", "image": "https://cdn.example/a.jpg"},
                ]
            }
        ),
    ],
)
def test_every_way_to_name_a_picture_is_understood(head: str):
    assert found(head).images == ("https://cdn.example/a.jpg",)


def test_relative_addresses_are_those_of_the_page():
    page = found(
        '<meta property="og:image" content="/img/a.jpg"><link rel="amphtml" href="?amp=1">'
    )
    assert page == Found(
        ("https://paper.example/img/a.jpg",), "https://paper.example/2026/story?amp=1"
    )


def test_few_candidates_are_taken_each_once():
    metas = "".join(
        f'<meta property="og:image" content="https://c.example/{n // 2}.jpg">' for n in range(100)
    )
    assert found(
        metas + script({"image": [f"https://c.example/x{n}.jpg" for n in range(9)]})
    ).images == (
        "https://c.example/0.jpg",
        "https://c.example/1.jpg",
        "https://c.example/x0.jpg",
    )
    assert CANDIDATES == 3


@pytest.mark.parametrize(
    "address",
    [
        *(
            "data:image/png;base64,AAAA",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://u:p@h.example/a.jpg",
        ),
        *(
            "",
            "https://",
            "https://h.example:0/a",
            "ftp://h.example/a.jpg",
            "https://h.example/" + "a" * 9000,
        ),
    ],
)
def test_what_is_no_address_to_fetch_is_not_found(address: str):
    head = f'<meta property="og:image" content="{address}"><link rel="amphtml" href="{address}">'
    assert found(head, "https://paper.example/") == Found()


@pytest.mark.parametrize(
    ("page", "amp", "taken"),
    [
        ("https://www.paper.example/a", "https://amp.paper.example/a", True),
        ("https://paper.example/a", "https://paper.example/a/amp", True),
        ("https://paper.example/a", "https://other.example/a", False),
        ("https://paper.example/a", "http://127.0.0.1/a", False),
        ("https://paper.example/a", "http://localhost/a", False),
        ("https://paper.example/a", "http://[::1]/a", False),
        ("http://127.0.0.1:8780/a", "http://10.0.0.1/a", False),
        ("http://127.0.0.1:8780/a", "http://127.0.0.1:8780/amp", True),
    ],
)
def test_an_amp_twin_is_on_the_pages_own_site(page: str, amp: str, taken: bool):
    assert found(f'<link rel="AMPHTML" href="{amp}">', page).amp_url == (amp if taken else "")


def test_only_the_head_is_read():
    page = b"<head><title>x</title></HEAD ><body><meta property='og:image' content='https://c.example/a.jpg'>"
    assert head_of(page) == b"<head><title>x</title>"
    assert find(page, HTML, URL) == Found()


@pytest.mark.parametrize(
    ("content", "header"),
    [
        ("é".encode(), "text/html; charset=utf-8"),
        ("é".encode(), ""),
        ("é".encode("cp1252"), "text/html; charset=ISO-8859-1"),
        ("\ufeffé".encode(), "text/html; charset=windows-1251"),
        ("\ufeffé".encode("utf-16-le"), "text/html"),
        (b"<meta charset=windows-1252>" + "é".encode("cp1252"), "text/html"),
        (
            b"<meta http-equiv=x content='text/html; charset=latin1'>" + "é".encode("cp1252"),
            "text/html",
        ),
        (b"<meta charset=utf-16le>" + "é".encode(), "text/html"),
        ("é".encode(), "text/html; charset=no-such-thing"),
        ("é".encode(), "text/html; charset=zlib"),
        ("é".encode(), "text/html; charset=punycode"),
        ("é".encode(), "text/html; charset=unicode_escape"),
    ],
)
def test_a_charset_is_read_as_browsers_do(content: bytes, header: str):
    assert decoded(content, header).endswith("é")


def test_a_charset_that_lies_loses_letters_and_nothing_else():
    head = b"<meta charset=utf-8><meta name=x content='\xff\xfe'><meta property=og:image content=/a.jpg>"
    assert find(head, "text/html", URL).images == ("https://paper.example/a.jpg",)


SIZE = 512 * 1024
HOSTILE = {
    "deep nesting": b"<div>" * (SIZE // 5),
    "deep nesting of tables": b"<table><tr><td>" * (SIZE // 15),
    "formatting that is adopted": b"<b><i><p>" * (SIZE // 9),
    "an overlong tag": b"<" + b"a" * SIZE,
    "an overlong attribute": b'<meta content="' + b"a" * SIZE,
    "as many attributes": b"<meta " + b"a=1 " * (SIZE // 4),
    "distinct attributes": b"<meta " + b" ".join(b"a%d=1" % n for n in range(SIZE // 9)),
    "many metas": b"<meta property=og:image content=x>" * (SIZE // 34),
    "many links": b"<link rel=amphtml href=ftp:x>" * (SIZE // 29),
    "deep JSON": b'<script type="application/ld+json">' + b"[" * SIZE + b"</script>",
    "wide JSON": b'<script type="application/ld+json">[' + b"{}," * (SIZE // 3) + b"{}]</script>",
    "many scripts": b'<script type="application/ld+json">{"image":1}</script>' * (SIZE // 56),
    "charsets": b"<meta charset = " * (SIZE // 16),
    "nothing": b"",
    "zeros": bytes(SIZE),
    "noise": bytes(n * 7919 % 251 for n in range(SIZE)),
    "half a character": b"\xe2\x82",
    "entities": b"&amp;" * (SIZE // 5),
    "comments": b"<!--" * (SIZE // 4),
    "unclosed script": b"<script>" + b"<!--<script>" * (SIZE // 12),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_takes_bounded_time(name: str):
    """Case 99. The worst takes a tenth of a second of CPU."""
    begun = time.process_time()
    find(HOSTILE[name], HTML, URL)
    assert time.process_time() - begun < 5
