"""/stories: each story once, in order, a page at a time."""

import re
from typing import Any

import pytest

from services.console.actions.stories.story_cards import PAGE_SIZE
from shared.store import Store, StoryMove
from tests.integration.console.web.conftest import Visit
from tests.integration.web.newsroom import decide, make_seed, publish

LINK = re.compile(r'<h2 class="title"><a href="/stories/([^"]*)">')


async def follow(visit: Visit, path: str) -> list[list[str]]:
    """The stories of each page, from *path* to the end."""
    pages = []
    while path:
        page = (await visit.client.get(path)).text
        pages.append(LINK.findall(page))
        following = re.search(r'rel="next" href="([^"]*)"', page)
        path = following[1].replace("&amp;", "&") if following else ""
    return pages


async def test_pages_follow_each_other_without_repeats_or_gaps(visit: Visit, store: Store):
    seeds = {}
    for number in range(2 * PAGE_SIZE + 3):
        name = f"a-{number:03}"
        seeds[name] = make_seed(name, quality=70 + number % 7)
    await publish(store, seeds)
    pages = await follow(visit, "/stories")
    assert [len(page) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 3]
    listed = [story for page in pages for story in page]
    assert sorted(listed) == sorted(f"s-{name}" for name in seeds)


async def test_the_hottest_comes_first_unless_the_latest_is_asked_for(visit: Visit, store: Store):
    seeds = {
        "a-cool": make_seed("cool", quality=71, publishedDateTime="2026-03-02T15:00:00Z"),
        "a-hot": make_seed("hot", quality=99, publishedDateTime="2026-03-02T13:00:00Z"),
    }
    await publish(store, seeds)
    assert await follow(visit, "/stories") == [["s-a-hot", "s-a-cool"]]
    assert await follow(visit, "/stories?order=time") == [["s-a-cool", "s-a-hot"]]


async def test_filters_hold_together(visit: Visit, store: Store):
    seeds = {
        "a-port": make_seed("port"),
        "a-cup": make_seed("cup", topics=["Sport"]),
        "a-weak": make_seed("weak", quality=10),
        "a-skerry": make_seed("skerry", provider={"name": "Skerry", "domain": "skerry.example"}),
    }
    await publish(store, seeds)
    assert await follow(visit, "/stories?topic=sport") == [["s-a-cup"]]
    assert await follow(visit, "/stories?provider=skerry&topic=ports") == [["s-a-skerry"]]
    assert await follow(visit, "/stories?published=no") == [["s-a-weak"]]
    assert await follow(visit, "/stories?q=port") == [["s-a-port"]]
    assert await follow(visit, "/stories?q=zeppelin") == [[]]


async def test_a_story_of_several_outlets_has_one_card(visit: Visit, store: Store):
    seeds = {
        "a-one": make_seed("one"),
        "a-two": make_seed("two", quality=20, provider={"name": "Skerry", "domain": "s.example"}),
    }
    await publish(store, seeds)
    await store.stories.move([StoryMove("a-two", "s-a-two", "s-a-one")])
    page = (await visit.client.get("/stories")).text
    assert LINK.findall(page) == ["s-a-one"]
    assert "Tide, Skerry" in page
    assert "2 articles" in page


async def test_the_names_of_providers_have_no_gap_where_the_lead_has_none(
    visit: Visit, store: Store
):
    seeds = {
        "a-one": make_seed("one", provider=None),
        "a-two": make_seed("two", quality=20, provider={"name": "Skerry", "domain": "s.example"}),
    }
    await publish(store, seeds)
    await store.stories.move([StoryMove("a-two", "s-a-two", "s-a-one")])
    assert '<p class="hint">Skerry</p>' in (await visit.client.get("/stories")).text


@pytest.mark.parametrize(
    "query",
    [
        "after=1",
        "after=x_y_z",
        "after=1_2026-03-02_a",
        "order=luck",
        "published=x",
        f"topic={'x' * 201}",
    ],
)
@pytest.mark.parametrize("path", ["/stories", "/articles"])
async def test_a_link_that_is_not_ours_is_explained(visit: Visit, path: str, query: str):
    response = await visit.client.get(f"{path}?{query}")
    assert response.status_code == 422
    assert "That did not work" in response.text


@pytest.mark.parametrize("path", ["/stories", "/articles"])
async def test_the_filters_can_be_reset(visit: Visit, path: str):
    page = (await visit.client.get(f"{path}?q=bridge&published=no")).text
    assert f'href="{path}">Reset</a>' in page
    assert 'value="bridge"' in page


async def test_a_link_keeps_the_filters(visit: Visit, store: Store):
    seeds = {f"a-{number}": make_seed(f"x{number}") for number in range(PAGE_SIZE + 1)}
    await publish(store, seeds)
    pages = await follow(visit, "/stories?topic=ports&order=time")
    assert [len(page) for page in pages] == [PAGE_SIZE, 1]


async def test_an_unreadable_title_does_not_hide_the_others(visit: Visit, store: Store):
    await publish(store, {"a-good": make_seed("good")})
    await decide(store, ["a-good"])
    page = (await visit.client.get("/stories?published=all")).text
    assert LINK.findall(page) == ["s-a-good"]


async def test_pictures_are_on_webs_origin(visit: Any):
    assert visit.console.pictures.locate("0" * 64, 480) == (
        f"https://news.example/press/images/{'0' * 64}?w=480"
    )
