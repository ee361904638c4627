"""What people see of an article."""

import json
from dataclasses import replace

import pytest

from shared.article import Change, compare, parse, render
from shared.store import Decision, Picture
from shared.view import Known, Linked, as_seed, load, rank, show, views
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


def picture(url="https://paper.example/one.jpg", state="cached"):
    return Picture(url, state, NOW, sha256="ab", width=640, height=480)


def decision(name="a", lead="a"):
    return Decision(name, 1, 1, 4, lead == name, 73 if lead == name else -1, lead, "because", {}, {}, NOW)


def shown(stored, *relatives, **known):
    return show(Known(stored, tuple(Linked(other, 0.51239) for other in relatives), **known))


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
    view = shown(article("a", more=IMAGES), pictures={picture().url: picture()})
    assert view["images"][0] == {
        "url": "https://paper.example/one.jpg",
        "width": 640,
        "height": 480,
        "isCached": True,
        "title": "One",
    }


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
    entry = shown(article("a"), article("b", 60, more=more), pictures={picture().url: picture()})["related"][0]
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
    assert (entry["id"], entry["score"], entry["provider"]) == ("b", 0.512, {"name": "Paper"})
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
    some = [article("d"), article("c", 5, minutes=1), article("b", 5), article("a", 5), article("e", 9)]
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


async def test_any_number_of_articles_takes_five_store_calls(store):
    await load(store, ["a0"])
    one, store.calls = store.calls, 0
    await load(store, [f"a{number}" for number in range(14)])
    assert one == store.calls == 5 * 2
