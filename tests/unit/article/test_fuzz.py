"""Any bytes whatsoever: a seed is read and survives its own file, or is refused in words.

SEEDWIRE_FUZZ_EXAMPLES sets how many examples each test tries; 20,000 take some minutes.
"""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.article import (
    Article,
    SeedError,
    canonical_url,
    collect_aliases,
    derive_article_id,
    fold_url,
    list_amp_origins,
    parse_rendered,
    partition_key,
    primary_alias,
    read_seed,
    render_seed,
    substantive_fields,
)
from shared.budgets import MAX_STORED_SEED_BYTES

EXAMPLES = int(os.environ.get("SEEDWIRE_FUZZ_EXAMPLES", "150"))

HEAD = 'title: "Rain"\npublishedDateTime: 2021-08-05T03:17:00Z\nwebUrl: "https://a.example/rain"\n'
# fmt: off
NAMES = st.sampled_from([
    "category", "title", "excerpt", "publishedDateTime", "originalUrl", "webUrl", "ampWebUrl",
    "cdnAmpWebUrl", "type", "quality", "heat", "published", "featuredContent", "provider",
    "topics", "images", "related", "secured", "name", "domain", "url", "width", "height",
    "isCached", "attribution", "filledIn", "mood", "web_url", "?", "-", "~", "null", "true",
    "1", "''", '"\u2028"', "<<",
])
SCALARS = st.sampled_from([
    "", "~", "null", "true", "yes", "0", "-1", "1.5", "1e999", ".nan", "-.inf", "0x1F", "1_000",
    "9" * 400, "2021-08-05", "2021-08-05T03:17:00Z", "2021-08-05T03:17:00+02:75",
    "9999-12-31T23:59:59-23:59", "'https://a.example/x '", "https://A.example/X#!/a/amp/",
    "https://m.a.example/amp/%7e%2F%", "http://[::1]:8/", "https://xn--a/", "//x", "'", '"', "''",
    '""', '"\\u0000\\uD800"', '"\\uDC00"', '"\\x7f\\N\\L\\P\\_"', "|", ">-", "[", "]", "{}", "[]",
    "{a: [1, {b: c}]}", "[,]", "{a}", "&a x", "*a", "!t x", "!!int '1'", "# c", "a: b", "- a",
    "\u2028", "\ufeff", "\u00a0", "\x85", "\x00", "\x1b[31m", "\u202e", "---", "...", "%YAML 1.1",
    "é" * 60, "\U0001f600",
])
# fmt: on
INDENTS = st.integers(0, 6).map(lambda count: " " * count) | st.sampled_from(["- ", "  - ", "\t"])
LINES = st.builds("{}{}: {}".format, INDENTS, NAMES, SCALARS) | st.builds(
    "{}{}".format, INDENTS, SCALARS | st.text(max_size=30)
)
# fmt: off
URL_PARTS = st.sampled_from([
    "https://", "http://", "www.", "m.", "amp.", "mobile.", "a.example", "A.EXAMPLE",
    "youtube.com", "youtu.be", "google.com", "cdn.ampproject.org", "/amp", "/amp/s/", "/c/s/",
    ".amp", ".html", "/", "//", "?", "&", "&amp;", "#", "#!", "#/", ":~:", "=", "ref=rss", "id=1",
    "utm_source=x", "amp=1", "v=6NPtZSMH0h4", "/watch", "6NPtZSMH0h4", "%7E", "%7e", "%25", "%",
    "%2e", "%2F", "..", ".", ":", ":443", ":80", "@", "é", "ü", "[::1]", "\\", "\t", "~",
])
# fmt: on
BREAKS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])
FRONTS = st.lists(st.tuples(LINES, BREAKS).map("".join), max_size=12).map("".join)


def read_or_refuse(raw: bytes) -> None:
    """Whatever can be done with a seed, once it is read, must not fail."""
    try:
        article = read_seed(raw).article
    except SeedError as error:
        refusal = error
    else:
        check_article(article)
        return
    assert refusal.errors
    assert all(each.message.endswith((".", "?")) for each in refusal.errors)


def check_article(article: Article) -> None:
    rendered = render_seed(article)
    again = read_seed(rendered, MAX_STORED_SEED_BYTES)
    assert again.article == article
    assert repr(again.article) == repr(article)  # unlike ==, distinguishes 1 from true
    assert again.warnings == ()
    assert repr(parse_rendered(rendered, MAX_STORED_SEED_BYTES)) == repr(article)
    assert render_seed(again.article) == rendered
    assert collect_aliases(again.article) == collect_aliases(article)
    assert derive_article_id(primary_alias(article))
    assert partition_key(article).encode()
    assert list_amp_origins(article) is not None
    assert substantive_fields(again.article) == substantive_fields(article)


@settings(max_examples=EXAMPLES)
@given(st.binary(max_size=200), st.binary(max_size=200), st.booleans())
def test_any_bytes_are_a_seed_or_refused(front: bytes, body: bytes, has_head: bool) -> None:
    read_or_refuse(front)
    head = HEAD.encode() if has_head else b""
    read_or_refuse(b"---\n" + head + front + b"\n---\n" + body)


@settings(max_examples=EXAMPLES * 4)
@given(FRONTS, st.text(max_size=20))
def test_any_lines_of_front_matter_are_a_seed_or_refused(front: str, body: str) -> None:
    read_or_refuse(f"---\n{HEAD}{front}\n---\n{body}".encode(errors="replace"))
    read_or_refuse(f"---\n{front}\n---\n{body}".encode(errors="replace"))


@settings(max_examples=EXAMPLES * 4)
@given(
    st.lists(
        URL_PARTS | st.text(max_size=3),
        max_size=12,
    ).map("".join)
)
def test_any_text_has_one_canonical_form_or_is_no_url(text: str) -> None:
    for url in (f"https://{text}", f"http://a.example/{text}"):
        try:
            canonical = canonical_url(url)
        except ValueError:
            continue
        assert canonical_url(f"https://{canonical}") == canonical
        folded = fold_url(canonical)
        assert fold_url(folded) == folded
        assert fold_url(canonical_url(f"https://{folded}")) == folded
