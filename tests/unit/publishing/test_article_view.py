"""What people see of an article."""

import json
from dataclasses import replace

import pytest

from shared.article import Change, aliases, compare, parse, render
from shared.article_view import Known, Linked, as_seed, load, rank, show, views
from shared.store import Content, Decision, Page, Picture
from tests.unit.publishing.memory import NOW, MemoryStore, article

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


NAMES = ("one", "two")
CONTENT = Content("ab", "image/jpeg", 640, 480, 1, 5, "#20a0ff", "LEHV6nWB2yk8", (), NOW)


def picture(url="https://paper.example/one.jpg", state="cached"):
    return Picture(url, state, NOW, sha256="ab", media_type="image/jpeg", width=640, height=480)


def decision(name="a", lead="a"):
    return Decision(
        name, 1, 1, 4, lead == name, 73 if lead == name else -1, lead, "because", {}, {}, NOW
    )


def shown(stored, *relatives, **known):
    return show(Known(stored, tuple(Linked(other, 0.51) for other in relatives), **known))


def test_the_seed_is_shown_as_given_with_unknown_fields():
    more = "category: news\nmood: calm\ntopics: [AI, Ships]\n"
    view = shown(article("a", 73, more=more))
    assert view["title"] == "Title of a"
    assert view["publishedDateTime"] == "2026-03-02T10:00:00Z"
    assert (view["category"], view["mood"], view["topics"]) == ("news", "calm", ["AI", "Ships"])
    json.dumps(view)


def test_secured_is_never_shown():
    more = 'notes:\n  deep:\n    - secured: "c2VjcmV0;aXY="\n      other: 1\n'
    view = shown(article("a", more=more), article("b"))
    assert "secured" not in json.dumps(view)
    assert "c2VjcmV0" not in json.dumps(view)
    assert view["notes"] == {"deep": [{"other": 1}]}


def test_a_cached_picture_has_its_measured_size():
    view = shown(
        article("a", more=IMAGES), pictures={picture().url: picture()}, contents={"ab": CONTENT}
    )
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
    (image,) = shown(article("a", more=more), pictures={picture().url: picture()})["images"]
    assert (image["width"], image["height"], image["claimedHeight"]) == (640, 480, 479)
    assert "claimedWidth" not in image


PAGE = Page(
    "https://paper.example/a", "read", NOW, images=("https://c.example/1.jpg", "https://c.example/2.jpg"),
    amp_url="https://paper.example/a/amp",
)  # fmt: skip
ONE, TWO = (picture(url) for url in PAGE.images)


def found_in(*pictures, more="", page=PAGE):
    view = shown(
        article("a", more=more), pictures={one.url: one for one in pictures}, pages={page.url: page}
    )
    return [
        (image["url"], image["isCached"])
        for image in view.get("images", [])
        if image.get("isFound")
    ]


def test_a_picture_that_was_found_stands_in_where_the_seed_has_none():
    assert found_in() == [(ONE.url, False)]
    assert found_in(ONE) == [(ONE.url, True)]
    assert found_in(more="images: []\n") == [(ONE.url, False)]


def test_a_picture_that_was_found_stands_in_where_all_of_the_seeds_failed():
    failed = [picture(f"https://paper.example/{name}.jpg", "failed") for name in ("one", "two")]
    assert found_in(*failed, ONE, more=IMAGES) == [(ONE.url, True)]
    assert found_in(failed[0], ONE, more=IMAGES) == []
    assert found_in(picture(), ONE, more=IMAGES) == []


def test_of_several_found_the_first_that_is_kept_is_shown_and_none_that_failed():
    assert found_in(picture(ONE.url, "failed")) == [(TWO.url, False)]
    assert found_in(TWO) == [(TWO.url, True)]
    assert found_in(*(picture(one.url, "failed") for one in (ONE, TWO))) == []


def test_an_amp_twin_that_was_found_is_shown_with_its_place_in_the_cache():
    view = shown(article("a"), pages={PAGE.url: PAGE})
    assert view["ampWebUrl"] == "https://paper.example/a/amp"
    assert (
        view["cdnAmpWebUrl"] == "https://paper-example.cdn.ampproject.org/c/s/paper.example/a/amp"
    )
    assert view["filledIn"] == ["ampWebUrl", "cdnAmpWebUrl"]


def test_a_given_amp_twin_stays_and_its_place_in_the_cache_is_filled_in():
    given = article("a", more='ampWebUrl: "https://amp.paper.example/a"\n')
    view = shown(given, pages={PAGE.url: PAGE})
    assert view["ampWebUrl"] == "https://amp.paper.example/a"
    assert view["filledIn"] == ["cdnAmpWebUrl"]
    assert "filledIn" not in shown(given)


def test_an_export_with_what_was_found_changes_nothing_and_claims_no_address_when_it_comes_back():
    for more in ("", "images: []\n", IMAGES):
        failed = {
            f"https://paper.example/{n}.jpg": picture(f"https://paper.example/{n}.jpg", "failed")
            for n in NAMES
        }
        stored = article("a", more=more)
        known = Known(
            stored,
            pictures=failed | {ONE.url: ONE},
            pages={PAGE.url: PAGE},
            contents={"ab": CONTENT},
        )
        exported = parse(render(as_seed(known)))
        assert exported.images[-1].url == ONE.url
        assert exported.amp_web_url == PAGE.amp_url
        assert compare(stored.article, exported) is Change.UNCHANGED
        assert compare(exported, stored.article) is Change.UNCHANGED
        assert aliases(exported) == aliases(stored.article)


def test_an_export_shows_the_same_where_it_is_dropped_first():
    known = Known(
        article("a"), pictures={ONE.url: ONE}, pages={PAGE.url: PAGE}, contents={"ab": CONTENT}
    )
    fresh = replace(known, article=replace(known.article, seed=render(as_seed(known))), pages={})
    assert show(fresh) == show(known)


def test_a_picture_that_is_not_cached_keeps_the_claimed_size():
    failed = picture("https://paper.example/two.jpg", "failed")
    view = shown(article("a", more=IMAGES), pictures={failed.url: failed})
    claimed = [(image["width"], image["height"], image["isCached"]) for image in view["images"]]
    assert claimed == [(10, 5, False), (7, 3, False)]
    assert view["images"][1]["credit"] == "Ann"


def test_the_pictures_of_the_provider_are_measured_too():
    more = 'provider:\n  name: Paper\n  images:\n    - url: "https://paper.example/one.jpg"\n      isCached: true\n'
    assert shown(article("a", more=more))["provider"]["images"][0]["isCached"] is False
    seen = shown(article("a", more=more), pictures={picture().url: picture()})
    assert seen["provider"]["images"][0]["width"] == 640


def test_related_is_derived_and_given_entries_are_hints():
    more = 'related:\n  - title: "A hint"\n'
    assert shown(article("a", more=more))["related"] == []


def test_a_relative_is_shown_in_short():
    more = 'category: news\nexcerpt: "In short"\nmood: calm\nprovider:\n  name: Paper\n' + IMAGES
    entry = shown(article("a"), article("b", 60, more=more), pictures={picture().url: picture()})[
        "related"
    ][0]
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
    video = article("b", more='type: video\noriginalUrl: "https://tube.example/b"\n')
    video = replace(video, seed=video.seed.replace(b'webUrl: "https://paper.example/b"\n', b""))
    entry = shown(article("a"), video)["related"][0]
    assert (entry["webUrl"], entry["type"]) == ("https://tube.example/b", "video")


def test_an_undecided_article_has_no_lead_and_its_heat_as_given():
    view = shown(article("a", more="heat: 12\npublished: true\n"))
    assert (view["revision"], view["lead"], view["reason"], view["heat"]) == (0, None, None, 12)
    assert view["published"] is False


def test_a_decided_article_has_heat_and_published_as_derived():
    view = shown(article("a", more="heat: 12\npublished: false\n"), decision=decision())
    assert (view["heat"], view["published"], view["revision"], view["lead"]) == (73, True, 4, "a")
    assert view["reason"] == "because"


def test_our_names_hide_the_seeds_own_fields_but_the_seed_keeps_them():
    known = Known(article("a", more='id: "theirs"\nlead: "theirs"\n'), decision=decision())
    assert (show(known)["id"], show(known)["lead"]) == ("a", "a")
    assert as_seed(known).model_extra == {"id": "theirs", "lead": "theirs"}


def test_whole_numbers_of_any_size_are_shown():
    assert shown(article("a", more=f"big: {10**30}\n"))["big"] == 10**30


def test_an_export_is_the_seed_with_what_was_derived_and_changes_nothing_when_it_comes_back():
    known = Known(
        article("a", 73, more=IMAGES + "mood: calm\n"),
        (Linked(article("b", 60, more=IMAGES), 0.5),),
        {picture().url: picture()},
        decision(),
    )
    exported = parse(render(as_seed(known)))
    assert (exported.heat, exported.published, exported.secured) == (73, True, "c2VjcmV0;aXY=")
    assert exported.images[0].width == 640
    assert exported.related[0].title == "Title of b"
    assert not exported.related[0].model_extra
    assert compare(known.article.article, exported) is Change.UNCHANGED


def test_the_best_comes_first_then_the_earlier_then_the_smaller_id():
    some = [
        article("d"),
        article("c", 5, minutes=1),
        article("b", 5),
        article("a", 5),
        article("e", 9),
    ]
    assert [stored.id for stored in sorted(some, key=rank)] == ["e", "a", "b", "c", "d"]


class CountingStore(MemoryStore):
    calls = 0

    async def _pause(self):
        self.calls += 1


@pytest.fixture
def store():
    store = CountingStore()
    store.add(*(article(f"a{number}", number) for number in range(14)))
    for number in range(1, 14):
        store.link("a0", f"a{number}", number / 20)
    return store


async def test_at_most_ten_relatives_are_shown_the_best_ones(store):
    related = (await views(store, ["a0"]))["a0"]["related"]
    assert [entry["id"] for entry in related] == [f"a{number}" for number in range(13, 3, -1)]


async def test_a_link_is_seen_from_both_sides(store):
    assert [entry["id"] for entry in (await views(store, ["a3"]))["a3"]["related"]] == ["a0"]


async def test_unknown_articles_and_links_to_them_are_left_out(store):
    store.link("a3", "gone")
    seen = await views(store, ["a3", "nowhere"])
    assert list(seen) == ["a3"]
    assert len(seen["a3"]["related"]) == 1


async def test_any_number_of_articles_takes_six_store_calls(store):
    await load(store, ["a0"])
    one, store.calls = store.calls, 0
    await load(store, [f"a{number}" for number in range(14)])
    assert one == store.calls == 6 * 2
