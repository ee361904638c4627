"""What people and consumers see of an article."""

import json
from dataclasses import replace

import pytest

from shared.article import DropStatus, classify_drop, collect_aliases, parse_seed, render_seed
from shared.article_snapshot import ArticleSnapshot, Relative
from shared.article_view import build_export, build_view
from shared.store import Content, Decision, Picture, WebPage
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
    assert (view["category"], view["mood"], view["topics"]) == ("news", "calm", ["AI", "Ships"])
    json.dumps(view)


def test_secured_is_never_shown():
    more = 'notes:\n  deep:\n    - secured: "c2VjcmV0;aXY="\n      other: 1\n'
    view = view_of(make_article("a", more=more), make_article("b"))
    assert "secured" not in json.dumps(view)
    assert "c2VjcmV0" not in json.dumps(view)
    assert view["notes"] == {"deep": [{"other": 1}]}


def test_a_cached_picture_has_its_measured_size():
    view = view_of(make_article("a", more=IMAGES), pictures=PICTURES, contents={"ab": CONTENT})
    assert view["images"][0] == {
        "url": "https://paper.example/one.jpg",
        "width": 640,
        "height": 480,
        "isCached": True,
        "title": "One",
        "claimedWidth": 10,
        "claimedHeight": 5,
        "mediaType": "image/jpeg",
        "sha256": "ab",
        "blurhash": "LEHV6nWB2yk8",
        "color": "#20a0ff",
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
    assert "filledIn" not in view_of(article)


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


def test_a_picture_that_is_not_cached_keeps_the_claimed_size():
    failed = make_picture(GIVEN_URLS[1], "failed")
    view = view_of(make_article("a", more=IMAGES), pictures=by_url(failed))
    claimed = [(image["width"], image["height"], image["isCached"]) for image in view["images"]]
    assert claimed == [(10, 5, False), (7, 3, False)]
    assert view["images"][1]["credit"] == "Ann"


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
        "title",
        "excerpt",
        "publishedDateTime",
        "webUrl",
        "type",
        "quality",
        "provider",
        "images",
        "score",
    ]
    assert (entry["id"], entry["score"], entry["provider"]) == ("b", 0.51, {"name": "Paper"})
    assert entry["images"][0]["isCached"] is True


def test_a_video_without_web_url_is_linked_by_its_original_url():
    video = make_article("b", more='type: video\noriginalUrl: "https://tube.example/b"\n')
    video = replace(video, seed=video.seed.replace(b'webUrl: "https://paper.example/b"\n', b""))
    entry = view_of(make_article("a"), video)["related"][0]
    assert (entry["webUrl"], entry["type"]) == ("https://tube.example/b", "video")


def test_an_undecided_article_has_no_lead_and_its_heat_as_given():
    view = view_of(make_article("a", more="heat: 12\npublished: true\n"))
    assert (view["revision"], view["lead"], view["reason"], view["heat"]) == (0, None, None, 12)
    assert view["published"] is False


def test_a_decided_article_has_heat_and_published_as_derived():
    view = view_of(make_article("a", more="heat: 12\npublished: false\n"), decision=make_decision())
    assert (view["heat"], view["published"], view["revision"], view["lead"]) == (73, True, 4, "a")
    assert view["reason"] == "because"


def test_our_names_hide_the_seeds_own_fields_but_the_seed_keeps_them():
    snapshot = ArticleSnapshot(
        make_article("a", more='id: "theirs"\nlead: "theirs"\n'), decision=make_decision()
    )
    assert (build_view(snapshot)["id"], build_view(snapshot)["lead"]) == ("a", "a")
    assert build_export(snapshot).model_extra == {"id": "theirs", "lead": "theirs"}


def test_integers_of_any_size_are_shown():
    assert view_of(make_article("a", more=f"big: {10**30}\n"))["big"] == 10**30


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
