"""Where the head of a page ends: where a browser would end it, and however it arrives."""

import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from services.enrichment.images.pages.head_end import MAX_TAGS, HeadEndFinder

MARK = b"<meta name=mark>"
INSIDE = {  # what stands before the mark, and must not end the head
    "script": b'<script>var t = s.split("</head>")[0];</script>',
    "written body": b'<script>document.write("<body class=js>");</script>',
    "comment": b"<!-- close with </head> and <body> -->",
    "conditional comment": b'<!--[if lt IE 9]><body class="ie"><![endif]-->',
    "comment that looks ended": b"<!-- -- > </head> -- ->-->",
    "comment ended with a mark": b"<!-- </head> --!>",
    "empty comments": b"<!--><!---></style>",
    "template": b"<template><div></head><body></div></template>",
    "nested templates": b"<template><template></head></template><body></template>",
    "style": b"<style>a::before{content:'</head>'}</style>",
    "title": b"<title>How to close </head ></title>",
    "noscript": b"<noscript><style></style></head></noscript>",
    "attribute": b'<meta content="</head><body>">',
    "single quotes": b"<meta content = '</head>\"'>",
    "quote without a value": b'<meta it\'s=x content="<body>">',
    "script in a comment in a script": b"<script><!-- <script></script></head> --></script>",
    "comment in a script": b"<script><!--\nx('</head>')\n--></script>",
    "script with an attribute": b'<script type="text/x">"<body>"</script\n>',
    "upper case": b"<SCRIPT>'</HEAD>'</SCRIPT ><!-- </HEAD> -->",
    "long names": b"<headline></headline><bodyguard></bodyguard><header-x></header-x>",
    "declarations": b"<!doctype html><?xml version='1.0'?></ head>",
    "less than": b"<script>1</script>1 < 2 <3 <",
}
ENDS = [b"</head>", b"<body>", b"</HEAD >", b"<Body\nclass=x>", b"</head/>", b"</head\t>"]


def find(content: bytes) -> int | None:
    return HeadEndFinder().find(content)


@pytest.mark.parametrize("name", INSIDE)
@pytest.mark.parametrize("end", ENDS)
def test_only_a_tag_ends_the_head(name: str, end: bytes):
    head = b"<html><head>" + INSIDE[name] + MARK
    assert find(head + end) == len(head)


@pytest.mark.parametrize("name", INSIDE)
def test_the_end_does_not_depend_on_how_the_page_arrives(name: str):
    head = b"<html><head>" + INSIDE[name] + MARK
    page = head + b"</head><body>text"
    for size in (1, 2, 3, 7, 16):
        finder, ends = HeadEndFinder(), []
        for arrived in range(0, len(page) + size, size):
            ends.append(finder.find(page[:arrived]))
        found = [end for end in ends if end is not None]
        assert set(found) == {len(head)}


@pytest.mark.parametrize("end", ENDS)
def test_the_end_is_found_as_soon_as_it_is_there(end: bytes):
    """A host may send nothing more, and close nothing."""
    assert find(b"<head>" + MARK + end) is not None


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<",
        b"<head>",
        b"<head></hea",
        b"<script></head>",
        b"<!-- </head>",
        b"<template></head>",
        b"<meta content='</head>",
        b"<script><!--<script></script></head>",
        b"<title></head>",
    ],
)
def test_a_head_that_does_not_end_has_no_end(page: bytes):
    assert find(page) is None


@pytest.mark.parametrize("name", INSIDE)
def test_the_parser_finds_what_is_before_the_end(name: str):
    head = b"<html><head>" + INSIDE[name] + MARK + b"</head><body>"
    tree = LexborHTMLParser(head[: find(head)].decode())
    assert tree.css_first("meta[name=mark]") is not None


def test_no_more_tags_are_read_than_heads_have():
    assert find(b"<i>" * (MAX_TAGS + 5)) == 3 * (MAX_TAGS - 1)
    assert find(b"<!>" * (MAX_TAGS + 5)) == 3 * (MAX_TAGS - 1)
    assert find(b"<script>" + b"<i>" * MAX_TAGS + b"</script></head>") is not None


SIZE = 512 * 1024
DRIPS = {
    "name": b"<" + b"a" * SIZE,
    "attribute": b"<meta " + b"a" * SIZE,
    "value": b'<meta content="' + b"</head>" * (SIZE // 7),
    "values": b"<meta " + b"a=b " * (SIZE // 4),
    "comment": b"<!--" + b"-" * SIZE,
    "script": b"<script>" + b"<!--<script>" * (SIZE // 12),
    "title": b"<title>" + b"</titl" * (SIZE // 6),
    "less than": b"<" * SIZE,
    "space": b"<meta a=" + b" " * SIZE,
}


@pytest.mark.parametrize("name", DRIPS)
def test_a_page_that_drips_costs_little(name: str):
    """Every byte is looked at once: 8,000 pieces cost about as much as one."""
    page = DRIPS[name]
    finder, arrived = HeadEndFinder(), bytearray()
    start = time.process_time()
    for place in range(0, len(page), 64):
        arrived += page[place : place + 64]
        finder.find(arrived)
    assert time.process_time() - start < 3
