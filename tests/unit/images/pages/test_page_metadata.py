"""What is found on pages, honest and hostile ones."""

import json
import time

import pytest

from services.enrichment.images.pages.page_metadata import (
    MAX_PICTURES,
    PageMetadata,
    cut_head,
    extract_metadata,
)

URL = "https://paper.example/2026/story?id=1"
PICTURE_URL = "https://cdn.example/a.jpg"
HTML = "text/html; charset=utf-8"


def extract(head: str, url: str = URL) -> PageMetadata:
    """From a page with this head."""
    page = f"<!doctype html><html><head>{head}</head><body>text</body></html>"
    return extract_metadata(page.encode(), HTML, url)


def json_ld(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def test_open_graph_comes_before_twitter_and_structured_data():
    structured = json_ld({"@type": "NewsArticle", "image": ["https://cdn.example/ld.jpg"]})
    twitter = '<meta name="twitter:image" content="https://cdn.example/tw.jpg">'
    open_graph = '<meta property="og:image" content="https://cdn.example/og.jpg">'
    assert extract(structured + twitter + open_graph).images == (
        "https://cdn.example/og.jpg",
        "https://cdn.example/tw.jpg",
        "https://cdn.example/ld.jpg",
    )


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:image" content="https://cdn.example/a.jpg">',
        '<META NAME="OG:IMAGE" CONTENT=" https://cdn.example/a.jpg ">',
        "<meta property=og:image:secure_url content=https://cdn.example/a.jpg />",
        '<meta name="twitter:image:src" content="//cdn.example/a.jpg">',
        '<base href="https://cdn.example/x/"><meta property="og:image" content="../a.jpg">',
        json_ld({"image": PICTURE_URL}),
        json_ld({"image": {"@type": "ImageObject", "url": PICTURE_URL}}),
        json_ld([{"@type": "WebSite"}, {"image": [{"contentUrl": PICTURE_URL}]}]),
        json_ld({"@graph": [{"@type": "WebPage"}, {"@type": "Article", "image": PICTURE_URL}]}),
    ],
)
def test_every_way_to_name_a_picture_is_understood(head: str):
    assert extract(head).images == (PICTURE_URL,)


def test_relative_urls_are_resolved_against_the_page():
    picture = '<meta property="og:image" content="/img/a.jpg">'
    amp = '<link rel="amphtml" href="?amp=1">'
    assert extract(picture + amp) == PageMetadata(
        ("https://paper.example/img/a.jpg",), "https://paper.example/2026/story?amp=1"
    )


def test_three_distinct_pictures_are_taken_at_the_most():
    head = ""
    for number in range(100):
        head += f'<meta property="og:image" content="https://c.example/{number // 2}.jpg">'
    structured = [f"https://c.example/x{number}.jpg" for number in range(9)]
    assert extract(head + json_ld({"image": structured})).images == (
        "https://c.example/0.jpg",
        "https://c.example/1.jpg",
        "https://c.example/x0.jpg",
    )
    assert MAX_PICTURES == 3


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://u:p@h.example/a.jpg",
        "",
        "https://",
        "https://h.example:0/a",
        "ftp://h.example/a.jpg",
        "https://h.example/" + "a" * 9000,
    ],
)
def test_a_url_that_is_not_fetched_is_not_extracted(url: str):
    head = f'<meta property="og:image" content="{url}"><link rel="amphtml" href="{url}">'
    assert extract(head, "https://paper.example/") == PageMetadata()


@pytest.mark.parametrize(
    ("page", "amp", "is_believed"),
    [
        ("https://www.paper.example/a", "https://amp.paper.example/a", True),
        ("https://paper.example/a", "https://paper.example/a/amp", True),
        ("https://www.guardian.co.uk/a", "https://amp.guardian.co.uk/a", True),
        ("https://www.guardian.co.uk/a", "https://evil.co.uk/a", False),
        ("https://paper.example/a", "https://other.example/a", False),
        ("https://paper.example/a", "http://127.0.0.1/a", False),
        ("https://paper.example/a", "http://localhost/a", False),
        ("https://paper.example/a", "http://[::1]/a", False),
        ("http://127.0.0.1:8780/a", "http://10.0.0.1/a", False),
        ("http://127.0.0.1:8780/a", "http://127.0.0.1:8780/amp", True),
    ],
)
def test_an_amp_twin_is_on_the_pages_own_site(page: str, amp: str, is_believed: bool):
    amp_url = extract(f'<link rel="AMPHTML" href="{amp}">', page).amp_url
    assert amp_url == (amp if is_believed else "")


def test_only_the_head_is_read():
    body = b"<body><meta property='og:image' content='https://c.example/a.jpg'>"
    page = b"<head><title>x</title></HEAD >" + body
    assert cut_head(page) == b"<head><title>x</title>"
    assert extract_metadata(page, HTML, URL) == PageMetadata()


def test_a_false_encoding_loses_letters_and_nothing_else():
    title = b"<meta charset=utf-8><meta name=x content='\xff\xfe'>"
    page = title + b"<meta property=og:image content=/a.jpg>"
    images = extract_metadata(page, "text/html", URL).images
    assert images == ("https://paper.example/a.jpg",)


SIZE = 512 * 1024
HOSTILE_PAGES = {
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
    "tags in a title in a drawing": b"<svg><title>" + b"<div>" * (SIZE // 5),
    "tags in a frame": b"<iframe>" + b"<div>" * (SIZE // 5),
    "tags for browsers without scripts": b"<noscript>" + b"<div>" * (SIZE // 5),
    "templates": b"<template>" * (SIZE // 10),
}


@pytest.mark.parametrize("name", HOSTILE_PAGES)
def test_a_hostile_page_takes_bounded_time(name: str):
    """Case 99. The worst takes a tenth of a second of CPU."""
    start = time.process_time()
    extract_metadata(HOSTILE_PAGES[name], HTML, URL)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "before",
    [
        '<script>var t = s.split("</head>")[0];</script>',
        '<script>document.write("<body class=js>");</script>',
        "<!-- put this in <head>, and close it with </head> -->",
        "<template><p></head></template>",
    ],
)
def test_a_head_is_not_ended_by_text_that_looks_like_its_end(before: str):
    picture = '<meta property="og:image" content="https://cdn.example/a.jpg">'
    assert extract(before + picture).images == (PICTURE_URL,)


def test_a_long_script_hides_no_picture():
    script = "<script>" + "'<i></i>';" * 9_000 + "</script>"
    picture = '<meta property="og:image" content="https://cdn.example/a.jpg">'
    assert extract(script + picture).images == (PICTURE_URL,)


def test_what_a_comment_or_a_template_names_is_not_taken():
    picture = '<meta property="og:image" content="https://cdn.example/a.jpg">'
    assert extract(f"<!-- {picture} --><template>{picture}</template>") == PageMetadata()
