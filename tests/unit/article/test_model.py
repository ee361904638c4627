"""The article model: what it accepts, keeps and refuses."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from shared.article import Article, Image, Provider

WHEN = datetime(2021, 8, 5, 3, 17, tzinfo=UTC)


def article(**fields: Any) -> Article:
    return Article.model_validate(
        {
            "title": "Rain",
            "publishedDateTime": "2021-08-05T03:17:00Z",
            "webUrl": "https://a.example/rain",
        }
        | fields
    )


def test_only_a_title_a_date_and_one_url_are_needed() -> None:
    plain = article()
    assert (plain.type, plain.body) == ("article", "")
    assert plain.topics == plain.images == plain.related == []
    assert plain.quality is None


@pytest.mark.parametrize("name", ["originalUrl", "webUrl", "ampWebUrl", "cdnAmpWebUrl"])
def test_any_one_of_the_four_urls_is_enough(name: str) -> None:
    fields = {"title": "Rain", "publishedDateTime": WHEN, name: "https://a.example/rain"}
    assert Article.model_validate(fields).model_fields_set >= {"title"}


def test_an_article_without_any_url_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least one of originalUrl"):
        Article(title="Rain", published_date_time=WHEN)


def test_the_date_is_kept_in_utc_to_the_microsecond() -> None:
    given = "2021-08-05T05:17:00.123456+02:00"
    assert article(publishedDateTime=given).published_date_time == WHEN.replace(microsecond=123456)
    assert article(publishedDateTime=given).published_date_time.tzinfo is UTC


@pytest.mark.parametrize(
    "given",
    [
        "2021-08-05T03:17:00Z",
        "2021-08-05 03:17:00Z",
        "2021-08-05t03:17:00z",
        "2021-08-05T03:17Z",
        "2021-08-05 05:17:00 +02:00",
        "2021-08-05T05:17:00+02",
        "2021-08-05T05:17:00+0200",
        "2021-08-05T03:17:00.0000000Z",
        datetime(2021, 8, 5, 5, 17, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_usual_spellings_of_one_instant_are_the_same(given: object) -> None:
    assert article(publishedDateTime=given).published_date_time == WHEN


@pytest.mark.parametrize(
    "given",
    [
        "2021-08-05",
        "2021-08-05T03:17:00",
        "20210805T031700Z",
        "2021-13-05T03:17:00Z",
        "2021-08-05T24:01:00Z",
        "",
        "0001-01-01T00:00:00+02:00",
        "2021-08-05T05:17:00+02:60",
        "2021-08-05T05:17:00+0275",
        "yesterday",
        1628133420,
        None,
        True,
        datetime(2021, 8, 5),
    ],
)
def test_a_date_that_names_no_instant_is_refused(given: object) -> None:
    with pytest.raises(ValidationError, match="expected a date"):
        article(publishedDateTime=given)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.example/rain",
        "//a.example/rain",
        "ftp://a.example/rain",
        "javascript:alert(1)",
        "https:a.example",
        "http://",
        "https://a.example/ra\nin",
        "https://a b/",
        "https://[::1",
        "https://a.example/" + "x" * 8192,
    ],
)
def test_what_is_not_a_complete_url_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="expected a"):
        article(webUrl=url)
    with pytest.raises(ValidationError, match="expected a"):
        article(images=[{"url": url}])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quality", True),
        ("quality", "39"),
        ("quality", 39.0),
        ("quality", -1),
        ("quality", 2**31),
        ("heat", "hot"),
        ("title", 5),
        ("title", " \xa0"),
        ("title", None),
        ("type", "podcast"),
        ("topics", "AI"),
        ("topics", [5]),
        ("published", "yes"),
        ("published", 1),
        ("provider", "CGTN"),
        ("images", [{}]),
        ("related", {}),
    ],
)
def test_values_of_the_wrong_kind_are_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        article(**{name: value})


@pytest.mark.parametrize(
    "value",
    [
        {1: "a"},
        {None: 1},
        [float("nan")],
        float("inf"),
        {"a", "b"},
        (1,),
        b"x",
        WHEN,
        WHEN.date(),
        "\ud800",
        {"k" * 151: 1},
    ],
)
def test_an_unknown_field_holds_only_what_json_can_say(value: object) -> None:
    with pytest.raises(ValidationError, match="expected"):
        article(mood=value)


def test_unknown_fields_are_kept_in_their_order_even_under_our_inner_names() -> None:
    fields = {"title": "Rain", "publishedDateTime": WHEN, "webUrl": "https://a.example/rain"}
    unknown = {"zebra": [1, {"b": None}], "web_url": 5, "model_dump": "x", "apple": True}
    kept = Article.model_validate(fields | unknown, by_alias=True, by_name=False)
    assert kept.model_extra == unknown
    assert list(kept.model_extra) == list(unknown)
    assert kept.web_url == "https://a.example/rain"


def test_a_list_given_as_null_is_an_empty_list() -> None:
    empty = article(topics=None, images=None, related=None, provider={"images": None})
    assert (empty.topics, empty.images, empty.related) == ([], [], [])
    assert empty.provider == Provider(images=[])


@pytest.mark.parametrize("empty", [None, "", " ", "\n\u00a0"])
def test_an_optional_field_that_says_nothing_is_absent(empty: str | None) -> None:
    names = ("category", "excerpt", "type", "quality", "heat", "ampWebUrl", "provider", "images")
    silent = article(**dict.fromkeys(names, empty), topics=["AI", empty], secured=empty)
    assert silent == article(topics=["AI"])
    assert silent.type == "article"
    nested = article(images=[{"url": "https://a.example/a.jpg", "title": empty, "width": empty}])
    assert nested.images == [Image(url="https://a.example/a.jpg")]


def test_spaces_around_text_are_removed_but_not_from_what_is_carried_through() -> None:
    spaced = article(
        title=" Rain ",
        webUrl="\thttps://a.example/rain\n",
        topics=[" AI"],
        publishedDateTime=" 2021-08-05T03:17:00Z ",
        secured=" x;y ",
        body=" b ",
        mood=" m ",
    )
    plain = article(topics=["AI"], secured=" x;y ", body=" b ", mood=" m ")
    assert spaced == plain
    assert (plain.secured, plain.body, plain.model_extra) == (" x;y ", " b ", {"mood": " m "})


def test_what_a_copy_updates_counts_as_given() -> None:
    copy = article().model_copy(
        update={"heat": 70, "images": [Image(url="https://a.example/a.jpg")]}
    )
    assert {"heat", "images"} <= copy.model_fields_set
    assert "quality" not in copy.model_fields_set


def test_an_article_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        article().title = "Snow"  # type: ignore[misc]


def test_secured_shows_in_no_repr_and_no_error() -> None:
    secret = "kq3+SECRET/Zm9v;aXY="
    relative = {"title": "Hail", "secured": secret}
    assert secret not in repr(article(secured=secret, related=[relative]))
    assert secret not in str(article(secured=secret, related=[relative]))
    with pytest.raises(ValidationError) as caught:
        article(secured=[secret], quality=-1)
    assert secret not in str(caught.value)
