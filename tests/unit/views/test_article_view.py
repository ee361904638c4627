"""What people and consumers see of an article."""

import json
from dataclasses import replace

import pytest

from shared.article import DropStatus, classify_drop, collect_aliases, parse_seed, render_seed
from shared.events.public.articles import ArticleView, PublishedArticle
from shared.store import Content, Decision, Picture, WebPage
from shared.views.article_export import build_export
from shared.views.article_snapshot import ArticleSnapshot, Relative
from shared.views.article_view import build_view
from tests.unit.publishing.memory_store import NOW, make_article

IMAGES = """images:
  - url: "https://paper.example/one.jpg"
    width: 10
    height: 5
    isCached: true
    title: "One"
  - url: "https://paper.example/two.jpg"
    width: 7
    height: 3
    credit: "Ann"
"""

GIVEN_URLS = ("https://paper.example/one.jpg", "https://paper.example/two.jpg")
CONTENT = Content("ab", "image/jpeg", 640, 480, 1, 5, "#20a0ff", "LEHV6nWB2yk8", (), NOW)


def make_picture(url=GIVEN_URLS[0], state="cached"):
    return Picture(url, state, NOW, sha256="ab", media_type="image/jpeg", width=640, height=480)


def by_url(*pictures):
    return {picture.url: picture for picture in pictures}


PICTURES = by_url(make_picture())


def make_decision(name="a", lead="a"):
    is_lead = lead == name
    heat = 73 if is_lead else -1
    return Decision(name, 1, 1, 4, is_lead, heat, lead, "because", {}, {}, NOW)


def view_of(article, *relatives, **fields):
    linked = tuple(Relative(relative, 0.51) for relative in relatives)
    return build_view(ArticleSnapshot(article, linked, **fields))


def test_the_seed_is_shown_as_given_with_unknown_fields():
    more = "category: news\nmood: calm\ntopics: [AI, Ships]\n"
    view = view_of(make_article("a", 73, more=more))
    assert view["title"] == "Title of a"
    assert view["publishedDateTime"] == "2026-03-02T10:00:00Z"
    assert (view["category"], view["topics"]) == ("news", ["AI", "Ships"])
    assert view["extra"] == {"mood": "calm"}
    json.dumps(view)


def test_secured_is_never_shown():
    more = (
        'Secured: "c2VjcmV0;aXY="\nnotes:\n  deep:\n'
        '    - secured: "c2VjcmV0;aXY="\n      SECURED: "c2VjcmV0;aXY="\n      other: 1\n'
    )
    view = view_of(make_article("a", more=more), make_article("b"))
    assert "secured" not in json.dumps(view).lower()
    assert "c2VjcmV0" not in json.dumps(view)
    assert view["extra"] == {"notes": {"deep": [{"other": 1}]}}


def test_a_cached_picture_has_its_measured_size():
    view = view_of(make_article("a", more=IMAGES), pictures=PICTURES, contents={"ab": CONTENT})
    assert view["images"][0] == {
        "url": "https://paper.example/one.jpg",
        "isCached": True,
        "width": 640,
        "height": 480,
        "claimedWidth": 10,
        "claimedHeight": 5,
        "mediaType": "image/jpeg",
        "sha256": "ab",
        "blurhash": "LEHV6nWB2yk8",
        "color": "#20a0ff",
        "title": "One",
    }


def test_a_claim_that_is_true_is_not_repeated():
    more = 'images:\n  - url: "https://paper.example/one.jpg"\n    width: 640\n    height: 479\n'
    (image,) = view_of(make_article("a", more=more), pictures=PICTURES)["images"]
    assert (image["width"], image["height"], image["claimedHeight"]) == (640, 480, 479)
    assert "claimedWidth" not in image


PAGE = WebPage(
    "https://paper.example/a",
    "read",
    NOW,
    images=("https://c.example/1.jpg", "https://c.example/2.jpg"),
    amp_url="https://paper.example/a/amp",
)
FIRST, SECOND = (make_picture(url) for url in PAGE.images)


def list_found_pictures(*pictures, more=""):
    """URL and `isCached` of the pictures in the view that come from the article's page."""
    article = make_article("a", more=more)
    view = view_of(article, pictures=by_url(*pictures), pages={PAGE.url: PAGE})
    images = view.get("images", [])
    return [(image["url"], image["isCached"]) for image in images if image.get("isFound")]


def test_a_picture_of_the_page_stands_in_where_the_seed_has_none():
    assert list_found_pictures() == [(FIRST.url, False)]
    assert list_found_pictures(FIRST) == [(FIRST.url, True)]
    assert list_found_pictures(more="images: []\n") == [(FIRST.url, False)]


def test_a_picture_of_the_page_stands_in_where_all_of_the_seeds_pictures_failed():
    failed = [make_picture(url, "failed") for url in GIVEN_URLS]
    assert list_found_pictures(*failed, FIRST, more=IMAGES) == [(FIRST.url, True)]
    assert list_found_pictures(failed[0], FIRST, more=IMAGES) == []
    assert list_found_pictures(make_picture(), FIRST, more=IMAGES) == []


def test_of_several_pictures_of_the_page_the_first_cached_one_is_shown_and_no_failed_one():
    failed = [make_picture(url, "failed") for url in PAGE.images]
    assert list_found_pictures(failed[0]) == [(SECOND.url, False)]
    assert list_found_pictures(SECOND) == [(SECOND.url, True)]
    assert list_found_pictures(*failed) == []


def test_an_amp_page_that_was_found_is_shown_with_its_url_in_the_amp_cache():
    view = view_of(make_article("a"), pages={PAGE.url: PAGE})
    assert view["ampWebUrl"] == "https://paper.example/a/amp"
    assert (
        view["cdnAmpWebUrl"] == "https://paper-example.cdn.ampproject.org/c/s/paper.example/a/amp"
    )
    assert view["filledIn"] == ["ampWebUrl", "cdnAmpWebUrl"]


def test_a_given_amp_page_stays_and_its_url_in_the_amp_cache_is_filled_in():
    article = make_article("a", more='ampWebUrl: "https://amp.paper.example/a"\n')
    view = view_of(article, pages={PAGE.url: PAGE})
    assert view["ampWebUrl"] == "https://amp.paper.example/a"
    assert view["filledIn"] == ["cdnAmpWebUrl"]
    assert view_of(article)["filledIn"] == []


@pytest.mark.parametrize("more", ["", "images: []\n", IMAGES])
def test_an_export_with_findings_changes_nothing_and_claims_no_alias_when_it_is_dropped(more):
    failed = [make_picture(url, "failed") for url in GIVEN_URLS]
    stored = make_article("a", more=more)
    snapshot = ArticleSnapshot(
        stored,
        pictures=by_url(*failed, FIRST),
        pages={PAGE.url: PAGE},
        contents={"ab": CONTENT},
    )
    exported = parse_seed(render_seed(build_export(snapshot)))
    assert exported.images[-1].url == FIRST.url
    assert exported.amp_web_url == PAGE.amp_url
    assert classify_drop(stored.article, exported) is DropStatus.UNCHANGED
    assert classify_drop(exported, stored.article) is DropStatus.UNCHANGED
    assert collect_aliases(exported) == collect_aliases(stored.article)


def test_an_export_shows_the_same_where_it_is_dropped_first():
    snapshot = ArticleSnapshot(
        make_article("a"),
        pictures=by_url(FIRST),
        pages={PAGE.url: PAGE},
        contents={"ab": CONTENT},
    )
    exported = replace(snapshot.article, seed=render_seed(build_export(snapshot)))
    dropped_first = replace(snapshot, article=exported, pages={})
    assert build_view(dropped_first) == build_view(snapshot)


def test_a_picture_that_is_not_cached_has_a_claimed_size_and_no_other():
    failed = make_picture(GIVEN_URLS[1], "failed")
    view = view_of(make_article("a", more=IMAGES), pictures=by_url(failed))
    claimed = [(image["claimedWidth"], image["claimedHeight"]) for image in view["images"]]
    assert claimed == [(10, 5), (7, 3)]
    for image in view["images"]:
        assert not image["isCached"]
        assert image.keys().isdisjoint({"width", "height", "sha256", "mediaType"})
    assert view["images"][1]["extra"] == {"credit": "Ann"}


def test_what_a_seed_says_of_a_measurement_is_never_shown_as_one():
    more = IMAGES + (
        '    width: 5\n    sha256: 7\n    blurhash: "x"\n    claimedWidth: "wide"\n'
        '    claimedHeight: 99\n    isFound: "yes"\n'
    )
    more = more.replace("    width: 7\n", "")
    (_, image) = view_of(make_article("a", more=more))["images"]
    assert image == {
        "url": GIVEN_URLS[1],
        "isCached": False,
        "claimedWidth": 5,
        "claimedHeight": 99,
        "extra": {"credit": "Ann"},
    }


def test_the_pictures_of_the_provider_are_measured_too():
    images = f'images:\n    - url: "{GIVEN_URLS[0]}"\n      isCached: true\n'
    article = make_article("a", more=f"provider:\n  name: Paper\n  {images}")
    assert view_of(article)["provider"]["images"][0]["isCached"] is False
    measured = view_of(article, pictures=PICTURES)
    assert measured["provider"]["images"][0]["width"] == 640


def test_related_is_derived_and_given_entries_are_hints():
    more = 'related:\n  - title: "A hint"\n'
    assert view_of(make_article("a", more=more))["related"] == []


def test_a_relative_is_shown_in_short():
    more = 'category: news\nexcerpt: "In short"\nmood: calm\nprovider:\n  name: Paper\n' + IMAGES
    relative = make_article("b", 60, more=more)
    (entry,) = view_of(make_article("a"), relative, pictures=PICTURES)["related"]
    assert list(entry) == [
        "id",
        "type",
        "title",
        "publishedDateTime",
        "url",
        "webUrl",
        "excerpt",
        "quality",
        "score",
        "provider",
        "images",
    ]
    assert (entry["id"], entry["score"]) == ("b", 0.51)
    assert entry["provider"] == {"name": "Paper", "images": []}
    assert entry["images"][0]["isCached"] is True


def test_url_is_the_best_address_that_the_seed_gives():
    video = make_article("b", more='type: video\noriginalUrl: "https://tube.example/b"\n')
    assert view_of(video)["url"] == "https://paper.example/b"
    video = replace(video, seed=video.seed.replace(b'webUrl: "https://paper.example/b"\n', b""))
    for shown in (view_of(video), view_of(make_article("a"), video)["related"][0]):
        assert (shown["url"], shown["type"]) == ("https://tube.example/b", "video")
        assert shown["originalUrl"] == "https://tube.example/b"
        assert "webUrl" not in shown


def test_an_undecided_article_has_no_lead_and_its_heat_as_given():
    view = view_of(make_article("a", more="heat: 12\npublished: true\n"))
    assert (view["revision"], view["heat"], view["published"]) == (0, 12, False)
    assert view.keys().isdisjoint({"lead", "reason", "reasonCode"})


def test_a_decided_article_has_heat_and_published_as_derived():
    view = view_of(make_article("a", more="heat: 12\npublished: false\n"), decision=make_decision())
    assert (view["heat"], view["published"], view["revision"], view["lead"]) == (73, True, 4, "a")
    assert (view["reason"], view["reasonCode"]) == ("because", "stands-alone")


def test_no_name_in_a_seed_takes_the_place_of_a_field_of_ours():
    given = {
        "id": "theirs",
        "lead": 5,
        "url": "https://elsewhere.example/",
        "storyId": "s1",
        "revision": 99,
        "successor": {"a": 1},
        "filledIn": 5,
        "reasonCode": "x",
        "extra": {"extra": 1},
    }
    more = "".join(f"{name}: {json.dumps(value)}\n" for name, value in given.items())
    snapshot = ArticleSnapshot(make_article("a", more=more), decision=make_decision())
    view = build_view(snapshot)
    assert view["extra"] == given
    assert (view["id"], view["lead"], view["storyId"], view["revision"]) == ("a", "a", "sa", 4)
    assert (view["url"], view["filledIn"]) == ("https://paper.example/a", [])
    assert build_export(snapshot).model_extra == given


def test_nulls_are_left_out_at_any_depth_and_stay_in_the_seed():
    more = (
        "category: null\nprovider: {name: null, tier: null, deep: {a: null, b: [null, 1]}}\n"
        "featuredContent: {a: null, b: 1}\nmood: null\nmore: [{a: null}, null]\n"
    )
    snapshot = ArticleSnapshot(make_article("a", more=more))
    view = build_view(snapshot)
    assert "null" not in json.dumps(view)
    assert view["provider"] == {"images": [], "extra": {"deep": {"b": [1]}}}
    assert (view["featuredContent"], view["extra"]) == ({"b": 1}, {"more": [{}]})
    assert build_export(snapshot).model_extra == {"mood": None, "more": [{"a": None}, None]}


@pytest.mark.parametrize("decision", [None, make_decision()])
def test_a_view_has_the_fields_of_its_model_in_their_order(decision):
    article = make_article("a", 73, more=IMAGES + "mood: calm\n")
    view = view_of(
        article, make_article("b", 60, more=IMAGES), pictures=PICTURES, decision=decision
    )
    model = PublishedArticle if decision else ArticleView
    read = model.model_validate_json(json.dumps(view))
    assert json.dumps(read.as_json()) == json.dumps(view)


def test_lists_are_always_there():
    view = view_of(make_article("a"), make_article("b"))
    lists = [view[name] for name in ("topics", "images", "filledIn")]
    assert [*lists, view["related"][0]["images"]] == [[], [], [], []]


def test_the_story_of_an_article_that_stands_alone_is_its_own():
    assert view_of(make_article("a"))["storyId"] == "sa"
    assert view_of(make_article("a"), in_story="sb")["storyId"] == "sb"


def test_integers_of_any_size_are_shown():
    assert view_of(make_article("a", more=f"big: {10**30}\n"))["extra"]["big"] == 10**30


def test_an_export_is_the_seed_with_what_was_derived_and_changes_nothing_when_it_comes_back():
    snapshot = ArticleSnapshot(
        make_article("a", 73, more=IMAGES + "mood: calm\n"),
        (Relative(make_article("b", 60, more=IMAGES), 0.5),),
        PICTURES,
        make_decision(),
    )
    exported = parse_seed(render_seed(build_export(snapshot)))
    assert (exported.heat, exported.published, exported.secured) == (73, True, "c2VjcmV0;aXY=")
    assert exported.images[0].width == 640
    assert exported.related[0].title == "Title of b"
    assert not exported.related[0].model_extra
    assert classify_drop(snapshot.article.article, exported) is DropStatus.UNCHANGED
