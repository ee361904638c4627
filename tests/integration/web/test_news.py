"""Published articles as JSON, from a real store."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.web.news.response_models import NewsPage, ServedArticle, ServedStory
from shared.store import Store, Story
from tests.integration.web.newsroom import NOW, decide, make_seed, publish


@pytest.fixture(autouse=True)
async def newsroom(store: Store) -> None:
    await publish(
        store,
        {
            "a1": make_seed("harbour", publishedDateTime="2026-03-01T10:00:00Z", topics=["Ports"]),
            "b1": make_seed("strike", topics=["Ports", "TCP/IP"], quality=80),
            "c1": make_seed("weather", topics=["Sky"], provider={"domain": "sky.example"}),
            "d1": make_seed("minor", quality=10),
        },
    )


async def read(client: httpx.AsyncClient, url: str) -> Any:
    response = await client.get(url)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    assert "CANARY" not in response.text
    return response.json()


async def list_ids(client: httpx.AsyncClient, url: str) -> list[str]:
    return [article["id"] for article in (await read(client, url))["value"]]


class TestLists:
    async def test_a_page_has_published_articles_the_latest_first(self, client: httpx.AsyncClient):
        page = await read(client, "/api/news")
        assert [article["id"] for article in page["value"]] == ["c1", "b1", "a1"]
        assert (page["page"], page["nextPage"]) == (1, None)
        NewsPage.model_validate(page)

    async def test_articles_have_the_names_of_seeds(self, client: httpx.AsyncClient):
        article = (await read(client, "/api/news"))["value"][1]
        expected = {
            "id": "b1",
            "title": "The strike",
            "webUrl": "https://tide.example/strike",
            "quality": 80,
            "heat": 80,
            "published": True,
            "topics": ["Ports", "TCP/IP"],
            "publishedDateTime": "2026-03-02T12:00:00Z",
            "slug": "2026-03-02-the-strike",
        }
        assert {name: article[name] for name in expected} == expected

    @pytest.mark.parametrize("given", ["", "order=heat&", "topic=ports&", "provider=Tide&"])
    async def test_next_page_leads_through_all_of_them(self, client: httpx.AsyncClient, given: str):
        whole = await list_ids(client, f"/api/news?{given}size=50")
        paged: list[str] = []
        url: str | None = f"/api/news?{given}size=1"
        number = 0
        while url:
            page = await read(client, url)
            number += 1
            assert page["page"] == number
            paged += [article["id"] for article in page["value"]]
            url = page["nextPage"]
        assert paged == whole
        assert len(whole) > 1

    async def test_by_topic_provider_and_heat(self, client: httpx.AsyncClient):
        assert await list_ids(client, "/api/news?topic=PORTS") == ["b1", "a1"]
        assert await list_ids(client, "/api/news/topics/ports") == ["b1", "a1"]
        assert await list_ids(client, "/api/news/topics/tcp%2Fip") == ["b1"]
        assert await list_ids(client, "/api/news/topics/nothing") == []
        assert await list_ids(client, "/api/news?provider=sky.example") == ["c1"]
        assert await list_ids(client, "/api/news?order=heat") == ["c1", "a1", "b1"]

    @pytest.mark.parametrize(
        ("query", "parameter", "allowed"),
        [
            ("size=0", "size", "from 1 to 50"),
            ("size=51", "size", "from 1 to 50"),
            ("size=x", "size", "from 1 to 50"),
            ("page=2", "page", "nextPage"),
            ("page=0", "page", "nextPage"),
            ("order=best", "order", "time"),
            ("topic=", "topic", "1 to 200"),
            ("language=english", "language", "two letters"),
            ("topics=x", "topics", "topic"),
            ("size=1&size=2", "size", "once"),
        ],
    )
    async def test_a_wrong_parameter_is_named_with_what_is_allowed(
        self, client: httpx.AsyncClient, query: str, parameter: str, allowed: str
    ):
        response = await client.get(f"/api/news?{query}")
        assert response.status_code == 400
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert (problem["status"], problem["parameter"]) == (400, parameter)
        assert allowed in problem["allowed"]
        assert parameter in problem["detail"]

    async def test_a_page_after_the_last_is_empty(self, client: httpx.AsyncClient):
        page = await read(client, "/api/news?page=9.0.-99999999999999999.a")
        assert (page["page"], page["value"], page["nextPage"]) == (9, [], None)


class TestArticles:
    @pytest.mark.parametrize("url", ["/articles/b1", "/api/news/2026-03-02-the-strike"])
    async def test_one_is_found_by_id_and_by_slug(self, client: httpx.AsyncClient, url: str):
        article = await read(client, url)
        assert article["title"] == "The strike"
        ServedArticle.model_validate(article)

    @pytest.mark.parametrize("url", ["/articles/d1", "/articles/x", "/api/news/2026-03-02-x"])
    async def test_what_is_not_published_is_not_there(self, client: httpx.AsyncClient, url: str):
        response = await client.get(url)
        assert response.status_code == 404
        assert response.json()["title"] == "Not found"

    async def test_a_retracted_article_is_gone_everywhere(
        self, client: httpx.AsyncClient, store: Store
    ):
        await decide(store, ["b1"], publish_at=85)
        assert await list_ids(client, "/api/news") == ["c1", "a1"]
        assert (await client.get("/articles/b1")).status_code == 404

    async def test_html_of_strangers_is_cleaned(self, client: httpx.AsyncClient, store: Store):
        video = '<iframe src="https://www.youtube.com/embed/6NPtZSMH0h4" width="8"></iframe>'
        hostile = (
            f'{video}<p onclick="x()">Hi<script>x()</script></p><iframe src="https://e.example">'
            '</iframe><a href="javascript:x()">a</a>'
        )
        seed = make_seed("e", featuredContent=hostile, topics=["Odd"])
        await publish(store, {"e1": seed})
        (article,) = (await read(client, "/api/news?topic=odd"))["value"]
        cleaned = article["featuredContent"]
        assert "6NPtZSMH0h4" in cleaned
        assert "<p>Hi</p>" in cleaned
        for word in ("script", "onclick", "e.example"):
            assert word not in cleaned


class TestStories:
    async def test_a_story_has_its_published_articles(
        self, client: httpx.AsyncClient, store: Store
    ):
        story = await read(client, "/stories/s-b1")
        assert (story["title"], story["lead"], story["memberCount"]) == ("The strike", "b1", 1)
        assert [article["id"] for article in story["articles"]] == ["b1"]
        ServedStory.model_validate(story)

    async def test_a_story_without_published_articles_is_not_there(self, client: httpx.AsyncClient):
        assert (await client.get("/stories/s-d1")).status_code == 404
        assert (await client.get("/stories/unknown")).status_code == 404

    async def test_a_story_that_was_merged_away_says_where_it_went(
        self, client: httpx.AsyncClient, store: Store
    ):
        await store.stories.save([Story("old", 1, (), NOW, superseded_by="s-b1")])
        response = await client.get("/stories/old")
        assert (response.status_code, response.headers["location"]) == (308, "/stories/s-b1")


class TestConditionalRequests:
    @pytest.mark.parametrize(
        "url", ["/api/news", "/articles/b1", "/feeds/atom.xml", "/openapi.json", "/stories/s-b1"]
    )
    async def test_a_known_etag_is_answered_with_304(self, client: httpx.AsyncClient, url: str):
        first = await client.get(url)
        again = await client.get(url, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["cache-control"] == first.headers["cache-control"]
        other = await client.get(url, headers={"If-None-Match": '"other"'})
        assert other.status_code == 200

    async def test_a_known_time_is_answered_with_304(self, client: httpx.AsyncClient):
        first = await client.get("/api/news")
        assert first.headers["last-modified"] == "Tue, 03 Mar 2026 08:30:12 GMT"
        since = {"If-Modified-Since": first.headers["last-modified"]}
        assert (await client.get("/api/news", headers=since)).status_code == 304
        stale = {"If-None-Match": '"other"', **since}
        assert (await client.get("/api/news", headers=stale)).status_code == 200
        for earlier in ("Tue, 03 Mar 2026 08:30:11 GMT", "nonsense"):
            response = await client.get("/api/news", headers={"If-Modified-Since": earlier})
            assert response.status_code == 200

    async def test_a_retraction_makes_lists_newer(self, client: httpx.AsyncClient, store: Store):
        first = await client.get("/api/news")
        await decide(store, ["b1"], now=NOW + timedelta(seconds=1), publish_at=85)
        since = {"If-Modified-Since": first.headers["last-modified"]}
        assert (await client.get("/api/news", headers=since)).status_code == 200

    async def test_a_revision_of_this_moment_is_not_believed_to_be_the_last(
        self, client: httpx.AsyncClient, store: Store
    ):
        await decide(store, ["b1"], now=datetime.now(UTC), publish_at=85)
        first = await client.get("/api/news")
        since = {"If-Modified-Since": first.headers["last-modified"]}
        assert (await client.get("/api/news", headers=since)).status_code == 200

    @pytest.mark.parametrize(
        "url", ["/api/news", "/articles/b1", "/feeds/rss.xml", "/stories/s-b1"]
    )
    async def test_head_has_the_headers_of_get(self, client: httpx.AsyncClient, url: str):
        get, head = await client.get(url), await client.head(url)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("etag", "content-length", "content-type", "cache-control"):
            assert head.headers[name] == get.headers[name]


class TestErrors:
    async def test_other_methods_and_paths_are_problems(self, client: httpx.AsyncClient):
        wrong_method = await client.post("/api/news")
        assert (wrong_method.status_code, wrong_method.json()["title"]) == (
            405,
            "Method not allowed",
        )
        assert "GET" in wrong_method.headers["allow"]
        assert (await client.get("/nothing")).json()["status"] == 404

    async def test_an_unavailable_store_is_answered_with_503(
        self, client: httpx.AsyncClient, store: Store
    ):
        await store.close()
        for url in ("/api/news", "/articles/b1", "/feeds/feed.json", "/stories/s-b1"):
            response = await client.get(url)
            assert (response.status_code, response.headers["retry-after"]) == (503, "5")
        await store.open()
