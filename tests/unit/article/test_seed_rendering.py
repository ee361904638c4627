"""Rendering: what is written, and that it is read back as it was."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from shared.article import (
    Article,
    Image,
    Provider,
    SeedError,
    parse_rendered,
    parse_seed,
    parse_without_related,
    render_seed,
)
from shared.article.field_types import is_empty
from shared.article.seed_rendering import omit_related
from shared.budgets import MAX_STORED_SEED_BYTES

WHEN = datetime(2021, 8, 5, 3, 17, tzinfo=UTC)
# fmt: off
WORDS = (
    "yes", "No", "off", "ON", "y", "null", "Null", "~", "=", "<<", "1e3", "0x1F", "12:30",
    "2021-01-01", "---",
)
MARKS = (
    "- x", "#", "a #b", "a: b", "[", "{a: b}", "*a", "&a", "!a", "%", "@", "`", "'", '"', "\\",
    "2021-08-05T03:17:00Z",
)
BLANKS = (
    "", "\t", "a ", " a", "a\nb", "\r\n", "\u00a0", "\u2028", "\ufeff", "\uffff",
    "\x00\x07\x7f\x85", "😀", "x" * 140,
)
# fmt: on
ODD = [*WORDS, *MARKS, *BLANKS]

texts = st.sampled_from(ODD) | st.text()
names = st.sampled_from(ODD) | st.text(max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
plain = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3)
)
counts = st.none() | st.integers(0, 2**31 - 1)
urls = st.sampled_from(
    [
        "https://a.example/rain",
        "http://www.b.example:8080/R%C3%A9?b=2&a=1#x",
        "HTTPS://c.example/é ü'\"",
    ]
)
dates = st.datetimes(
    min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC)
)
moments = dates.map(lambda moment: moment.replace(fold=0))

OUR_NAMES = {
    info.alias or name
    for kind in (Article, Image, Provider)
    for name, info in kind.model_fields.items()
}


def block(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of *fields*, and some unknown ones."""
    unknown = st.dictionaries(names.filter(lambda name: name not in OUR_NAMES), plain, max_size=2)
    return st.builds(
        lambda known, more: known | more, st.fixed_dictionaries({}, optional=fields), unknown
    )


images = st.none() | st.lists(
    st.builds(
        lambda url, more: more | {"url": url},
        urls,
        block(width=counts, isCached=st.none() | st.booleans(), title=texts),
    ),
    max_size=2,
)
providers = block(name=texts, domain=st.none() | texts, images=images)
relatives = block(
    title=texts,
    publishedDateTime=moments,
    webUrl=urls,
    type=st.just("video"),
    provider=providers,
    quality=counts,
)
optional = {
    "category": st.none() | texts,
    "excerpt": texts,
    "originalUrl": st.none() | urls,
    "type": st.sampled_from(["article", "video"]),
    "quality": counts,
    "heat": st.none() | st.integers(-5, 500),
    "published": st.none() | st.booleans(),
    "featuredContent": plain,
    "provider": st.none() | providers,
    "topics": st.lists(texts, max_size=3),
    "images": images,
    "related": st.lists(relatives, max_size=2),
    "secured": st.none() | texts,
    "body": texts,
}


def article(**fields: Any) -> Article:
    required = {"title": "Rain", "publishedDateTime": WHEN, "webUrl": "https://a.example/rain"}
    return Article.model_validate(required | fields, by_name=False)


def given_names(value: Any) -> Any:
    """Which fields were given, all the way down."""
    if isinstance(value, list):
        return [given_names(item) for item in value]
    if not hasattr(value, "model_fields_set"):
        return None
    fields = value.model_fields_set - {"body"}
    return {name: given_names(getattr(value, name, None)) for name in fields}


@given(block(**optional), texts.filter(str.strip), moments)
@example(
    {"mood": 1e20, "big": 2**900, "<<": {"a": 1}, "?": [[[]], [{}], [[1, [2]], {"a": [{"b": 1}]}]]},
    "x",
    WHEN,
)
def test_whatever_an_article_holds_is_read_back_as_it_was(
    fields: dict[str, Any], title: str, when: datetime
) -> None:
    before = article(**fields, title=title, publishedDateTime=when)
    after = parse_seed(render_seed(before))
    assert after == before
    # Unlike ==, repr distinguishes 1 from 1.0 and true, and shows the order of unknown fields.
    assert repr(after) == repr(before)
    assert given_names(after) == given_names(before)
    assert render_seed(after) == render_seed(before)
    trusted = parse_rendered(render_seed(before), MAX_STORED_SEED_BYTES)
    assert trusted == before
    assert repr(trusted) == repr(before)
    assert given_names(trusted) == given_names(before)
    own = parse_without_related(render_seed(before), MAX_STORED_SEED_BYTES)
    assert repr(own) == repr(before.model_copy(update={"related": []}))


def test_a_body_that_looks_like_a_list_of_relatives_is_no_such_list():
    body = "\n\nrelated:\n  - title: Wind\n\nsecured: yes\n---\n"
    entry = {"title": "Wind", "webUrl": "https://a.example/wind"}
    before = article(body=body, related=[entry], secured="x")
    own = parse_without_related(render_seed(before), MAX_STORED_SEED_BYTES)
    assert (own.body, own.related, own.secured) == (body, [], "x")
    alone = article(body=body)
    assert parse_without_related(render_seed(alone), MAX_STORED_SEED_BYTES) == alone


def test_what_somebody_changed_in_the_store_is_read_whole():
    entry = {"title": "Wind", "webUrl": "https://a.example/wind"}
    seed = render_seed(article(related=[entry], quality=70, body="a\n\nrelated:\n b\n\nc"))
    changed = [
        seed.replace(b"\nrelated:\n", b"\nrelated:\ncategory: News\n"),
        seed.replace(b'"Wind"\n', b'"Wind"\n\n'),
        seed.replace(b"\n---\n", b"\n---  \n"),
        seed.replace(b"\n---\n", b"\n---\r\n"),
    ]
    for each in changed:
        assert each != seed
        assert omit_related(each) == each
    assert omit_related(seed) != seed


def test_a_kept_seed_that_is_wrong_is_refused_as_a_dropped_one_is():
    kept = render_seed(article()).replace(b"title: ", b"titel: ")
    with pytest.raises(SeedError) as dropped:
        parse_seed(kept)
    with pytest.raises(SeedError) as read_again:
        parse_rendered(kept, MAX_STORED_SEED_BYTES)
    assert read_again.value.errors == dropped.value.errors
    with pytest.raises(SeedError) as read_in_part:
        parse_without_related(kept, MAX_STORED_SEED_BYTES)
    assert read_in_part.value.errors == dropped.value.errors


def test_a_kept_seed_that_is_no_yaml_is_refused_as_a_dropped_one_is():
    with pytest.raises(SeedError, match="closing quotation mark"):
        parse_rendered(b'---\ntitle: "Rain\n---\n', MAX_STORED_SEED_BYTES)


@given(plain.filter(lambda value: not is_empty(value)))
def test_a_reader_of_yaml_1_1_sees_the_same_values_but_for_dates(value: Any) -> None:
    front = render_seed(article(featuredContent=value)).split(b"\n---\n")[0]
    assume(b"2021-" not in front.replace(b"2021-08-05T03:17:00Z\nwebUrl", b""))
    assert yaml.load(front, yaml.CSafeLoader)["featuredContent"] == value


@pytest.mark.parametrize("text", ODD)
def test_odd_text_stays_text_everywhere(text: str) -> None:
    odd = article(
        excerpt=text,
        topics=[text],
        category=text,
        secured=text,
        body=text,
        mood={text: [text, {text: text}]},
    )
    assert parse_seed(render_seed(odd)) == odd


HANDWRITTEN = """---
title: "Rain"
publishedDateTime: 2021-08-05T03:17:00Z
webUrl: "https://a.example/rain"
type: video

provider:
  name: CGTN
  domain: cgtn.com
  images: []

topics:
  - AI
  - "01"

images:
  - url: "https://a.example/a.jpg"
    width: 3

mood:
  since: 2021-01-01
  at:
    - 1.5
    - []
  deep:
    - - 1
      - 2
    - a: null

secured: "x;y=="
---
Text."""


def test_the_file_looks_like_one_written_by_hand() -> None:
    shown = article(
        type="video",
        topics=["AI", "01"],
        provider={"name": "CGTN", "domain": "cgtn.com", "images": []},
        images=[{"url": "https://a.example/a.jpg", "width": 3}],
        mood={"since": "2021-01-01", "at": [1.5, []], "deep": [[1, 2], {"a": None}]},
        secured="x;y==",
        body="Text.",
    )
    assert render_seed(shown).decode() == HANDWRITTEN


def test_dates_are_written_in_utc_with_the_digits_they_need() -> None:
    local = datetime(2021, 8, 5, 5, 17, 0, 120000, tzinfo=timezone(timedelta(hours=2)))
    rendered = render_seed(article(publishedDateTime=local))
    assert b"publishedDateTime: 2021-08-05T03:17:00.120000Z\n" in rendered


def test_what_a_copy_updates_is_written() -> None:
    copy = article().model_copy(
        update={"heat": 70, "images": [Image(url="https://a.example/a.jpg", is_cached=True)]}
    )
    assert b"heat: 70\n" in render_seed(copy)
    assert parse_seed(render_seed(copy)).images == copy.images
