import json
from collections import Counter
from typing import Any

import pytest

from shared.article import (
    Article,
    Change,
    aliases,
    article_id,
    compare,
    digest,
    parse,
    primary,
    refreshed,
    render,
    substantive,
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


def change(without: tuple[str, ...] = (), **fields: Any) -> Change:
    old, new = article(), article(without, **fields)
    answer = compare(old, new)
    assert (digest(old) == digest(new)) == (answer == Change.UNCHANGED)
    return answer


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
    ],
)
def test_volatile_differences_and_other_spellings_change_nothing(fields: dict[str, Any]) -> None:
    assert change(**fields) == "unchanged"


def test_dropping_what_is_volatile_changes_nothing() -> None:
    assert change(without=("secured", "heat", "published", "related")) == "unchanged"


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
        {"featuredContent": ""},
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
    assert change(**fields) == "updated"


@pytest.mark.parametrize(
    "name", ["quality", "webUrl", "originalUrl", "images", "mood", "excerpt", "body"]
)
def test_dropping_what_is_substantive_is_an_update(name: str) -> None:
    assert change(without=(name,)) == "updated"


def test_the_same_story_under_another_address_is_a_duplicate() -> None:
    assert change(webUrl="https://b.example/rain") == "duplicate"
    assert change(originalUrl="https://a.example/rain?id=2", secured="z;y", heat=5) == "duplicate"


def test_a_missing_an_empty_and_a_null_list_say_the_same() -> None:
    old = article(without=("topics",))
    assert compare(old, article(topics=[])) == "unchanged"
    assert compare(old, article(topics=None)) == "unchanged"


def test_the_type_left_out_is_article() -> None:
    assert change(without=("type",)) == "unchanged"


def test_the_substantive_part_is_json() -> None:
    assert json.loads(json.dumps(substantive(article(mood=[2**80, "x", None])))) == substantive(
        article(mood=[2**80, "x", None])
    )
    assert not {"secured", "heat", "published", "related"} & substantive(article()).keys()


def test_the_digest_does_not_depend_on_the_order_of_fields() -> None:
    turned = Article.model_validate(dict(reversed(OLD.items())))
    assert digest(turned) == digest(article())


def test_a_refreshed_article_has_the_new_volatile_values_and_nothing_else() -> None:
    old, new = article(), article(secured="z;y", heat=70, title="Snow", related=[])
    assert refreshed(old, new) == article(secured="z;y", heat=70)
    assert refreshed(old, article(title="Snow")) is None


def test_what_a_drop_does_not_give_is_not_forgotten() -> None:
    assert refreshed(article(), article(without=("secured", "heat", "published"))) is None
    fresh = refreshed(article(without=("heat",)), article(without=("secured",)))
    assert fresh is not None
    assert (fresh.heat, fresh.secured) == (39, "x;y")
    assert b"heat: 39" in render(fresh)


def test_ingesting_an_export_again_changes_nothing() -> None:
    measured = (
        article().images[0].model_copy(update={"width": 750, "height": 422, "is_cached": True})
    )
    export = article().model_copy(
        update={"heat": 103, "published": True, "related": [], "images": [measured]}
    )
    assert compare(article(), parse(render(export))) == "unchanged"


def test_the_real_history_has_512_articles_and_19_updates(drops: list[bytes]) -> None:
    """An independent count over plainly lower-cased URLs gives the same, and no drop ever hits two articles."""
    owners: dict[str, str] = {}
    stored: dict[str, Article] = {}
    counts: Counter[Change] = Counter()
    for raw in drops:
        new = parse(raw)
        known = {owners[alias] for alias in aliases(new) if alias in owners}
        assert len(known) <= 1
        owner = known.pop() if known else article_id(primary(new))
        answer = compare(stored[owner], new) if owner in stored else Change.ACCEPTED
        if answer in (Change.ACCEPTED, Change.UPDATED):
            stored[owner] = new
        owners |= dict.fromkeys(aliases(new), owner)
        counts[answer] += 1
    assert counts == {Change.ACCEPTED: 512, Change.UPDATED: 19, Change.UNCHANGED: 3825}
