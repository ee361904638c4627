"""What a drop changes about its article: the rules of `shared.article.change_detection`."""

import json
from collections import Counter
from typing import Any

import pytest

from shared.article import (
    Article,
    DropStatus,
    classify_drop,
    collect_aliases,
    derive_article_id,
    parse_seed,
    primary_alias,
    refresh_volatile_fields,
    render_seed,
    substantive_fields,
)

OLD: dict[str, Any] = {
    "category": "news",
    "title": "Rain",
    "excerpt": "It rains.",
    "publishedDateTime": "2021-08-05T03:17:00Z",
    "originalUrl": "https://a.example/rain?id=1",
    "webUrl": "https://www.a.example/rain",
    "type": "article",
    "quality": 39,
    "heat": 39,
    "published": False,
    "provider": {
        "name": "A",
        "domain": "a.example",
        "images": [{"url": "https://a.example/l.png", "width": 5}],
    },
    "topics": ["Weather"],
    "images": [{"url": "https://a.example/a.jpg", "width": 5, "height": 5, "isCached": False}],
    "related": [{"title": "Hail"}],
    "mood": {"a": 1},
    "secured": "x;y",
    "body": "\n",
}


def article(without: tuple[str, ...] = (), **fields: Any) -> Article:
    given = {name: value for name, value in (OLD | fields).items() if name not in without}
    return Article.model_validate(given)


def dump_substantive_fields(given: Article) -> str:
    """As JSON: unlike ==, it distinguishes 1 from true."""
    return json.dumps(substantive_fields(given), sort_keys=True)


def classify_change(without: tuple[str, ...] = (), **fields: Any) -> DropStatus:
    """The status of a drop that differs from the stored article in these fields."""
    stored, dropped = article(), article(without, **fields)
    status = classify_drop(stored, dropped)
    has_same_fields = dump_substantive_fields(stored) == dump_substantive_fields(dropped)
    assert has_same_fields == (status == DropStatus.UNCHANGED)
    return status


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"secured": "z;y"},
        {"heat": -1, "published": True, "related": []},
        {
            "images": [
                {"url": "https://a.example/a.jpg", "width": 750, "height": None, "isCached": True}
            ]
        },
        {
            "provider": {
                "name": "A",
                "domain": "a.example",
                "images": [{"url": "https://a.example/l.png", "height": 9}],
            }
        },
        {
            "webUrl": "http://a.example/Rain/?utm_source=x",
            "originalUrl": "https://a.example/RAIN?fbclid=2&id=1",
        },
        {"publishedDateTime": "2021-08-05T05:17:00+02:00"},
        {"ampWebUrl": None, "featuredContent": None},
        {"ampWebUrl": "", "featuredContent": "", "type": " "},
        {"title": " Rain\n", "webUrl": " https://m.a.example/Rain#day-2 "},
    ],
)
def test_volatile_differences_and_other_spellings_change_nothing(fields: dict[str, Any]) -> None:
    assert classify_change(**fields) == "unchanged"


def test_dropping_what_is_volatile_changes_nothing() -> None:
    assert classify_change(without=("secured", "heat", "published", "related")) == "unchanged"


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Snow"},
        {"excerpt": "It snows."},
        {"category": "sport"},
        {"type": "video"},
        {"publishedDateTime": "2021-08-05T03:17:00.000001Z"},
        {"quality": 40},
        {
            "provider": {
                "name": "B",
                "domain": "a.example",
                "images": [{"url": "https://a.example/l.png"}],
            }
        },
        {"topics": ["Weather", "AI"]},
        {
            "images": [
                {"url": "https://a.example/b.jpg", "width": 5, "height": 5, "isCached": False}
            ]
        },
        {"images": [{"url": "https://a.example/a.jpg", "attribution": "A. Photographer"}]},
        {"images": []},
        {"featuredContent": "x"},
        {"mood": {"a": 1.0}},
        {"mood": {"a": True}},
        {"sun": None},
        {"body": ""},
        {"ampWebUrl": "https://a.example/rain/amp"},
        {"ampWebUrl": "https://amp-host.example/rain"},
        {"originalUrl": "https://a.example/rain", "webUrl": "https://a.example/rain?id=1"},
        {"title": "Snow", "webUrl": "https://b.example/rain"},
    ],
)
def test_anything_else_is_an_update(fields: dict[str, Any]) -> None:
    assert classify_change(**fields) == "updated"


@pytest.mark.parametrize(
    "name", ["quality", "webUrl", "originalUrl", "images", "mood", "excerpt", "body"]
)
def test_dropping_what_is_substantive_is_an_update(name: str) -> None:
    assert classify_change(without=(name,)) == "updated"


def test_the_same_article_under_another_url_is_a_duplicate() -> None:
    assert classify_change(webUrl="https://b.example/rain") == "duplicate"
    moved = "https://a.example/rain?id=2"
    assert classify_change(originalUrl=moved, secured="z;y", heat=5) == "duplicate"


def test_a_missing_an_empty_and_a_null_list_say_the_same() -> None:
    old = article(without=("topics",))
    assert classify_drop(old, article(topics=[])) == "unchanged"
    assert classify_drop(old, article(topics=None)) == "unchanged"


def test_the_type_left_out_is_article() -> None:
    assert classify_change(without=("type",)) == "unchanged"


def test_the_substantive_part_is_json() -> None:
    fields = substantive_fields(article(mood=[2**80, "x", None]))
    assert json.loads(json.dumps(fields)) == fields
    assert not {"secured", "heat", "published", "related"} & substantive_fields(article()).keys()


def test_another_order_of_fields_changes_nothing() -> None:
    turned = Article.model_validate(dict(reversed(OLD.items())))
    assert classify_drop(article(), turned) == "unchanged"
    assert substantive_fields(turned) == substantive_fields(article())


def test_a_refreshed_article_has_the_new_volatile_values_and_nothing_else() -> None:
    old, new = article(), article(secured="z;y", heat=70, title="Snow", related=[])
    assert refresh_volatile_fields(old, new) == article(secured="z;y", heat=70)
    assert refresh_volatile_fields(old, article(title="Snow")) is None


def test_what_a_drop_does_not_give_is_not_forgotten() -> None:
    without_any = article(without=("secured", "heat", "published"))
    assert refresh_volatile_fields(article(), without_any) is None
    refreshed = refresh_volatile_fields(article(without=("heat",)), article(without=("secured",)))
    assert refreshed is not None
    assert (refreshed.heat, refreshed.secured) == (39, "x;y")
    assert b"heat: 39" in render_seed(refreshed)


def test_ingesting_an_export_again_changes_nothing() -> None:
    image = article().images[0]
    measured = image.model_copy(update={"width": 750, "height": 422, "is_cached": True})
    export = article().model_copy(
        update={"heat": 103, "published": True, "related": [], "images": [measured]}
    )
    assert classify_drop(article(), parse_seed(render_seed(export))) == "unchanged"


def test_the_real_history_has_512_articles_and_19_updates(drops: list[bytes]) -> None:
    """An independent count over lower-cased URLs gives the same, and no drop hits two articles."""
    owners: dict[str, str] = {}
    stored: dict[str, Article] = {}
    counts: Counter[DropStatus] = Counter()
    for raw in drops:
        dropped = parse_seed(raw)
        aliases = collect_aliases(dropped)
        known = {owners[alias] for alias in aliases if alias in owners}
        assert len(known) <= 1
        owner = known.pop() if known else derive_article_id(primary_alias(dropped))
        status = DropStatus.ACCEPTED
        if owner in stored:
            status = classify_drop(stored[owner], dropped)
        if status in (DropStatus.ACCEPTED, DropStatus.UPDATED):
            stored[owner] = dropped
        owners |= dict.fromkeys(aliases, owner)
        counts[status] += 1
    assert counts == {DropStatus.ACCEPTED: 512, DropStatus.UPDATED: 19, DropStatus.UNCHANGED: 3825}
