"""Feeds as readers and validators see them."""

from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest
from lxml import etree

from services.web.routes import build_app
from shared.runtime.http.http_server import serve_app
from shared.store import Store
from tests.integration.web.newsroom import make_seed, publish

SCHEMA = Path(__file__).with_name("atom.rng")
ALL = ("/feeds/atom.xml", "/feeds/rss.xml", "/feeds/feed.json")
# Whatever JSON and YAML can say, and XML cannot.
HOSTILE = 'Docks & <b>"strike"</b> ]]> \x00\x0b\x1b\ufffe \u2028 déjà 深 \U0001f6a2'
URL = "https://tide.example/a?b=1&c=%3C'2'"


@pytest.fixture(autouse=True)
async def newsroom(store: Store) -> None:
    hostile = make_seed(
        "hostile",
        webUrl=URL,
        topics=["A & <B>"],
        featuredContent="<p>Deep &amp; wide</p><script>x()</script>",
        provider={"name": "Tide & <Co>"},
    )
    hostile = hostile.replace(b"The hostile", b"X").replace(
        b"title: X", f"title: {to_yaml(HOSTILE)}".encode()
    )
    await publish(store, {"a1": hostile, "b1": make_seed("plain"), "c1": make_seed("x", quality=1)})


def to_yaml(text: str) -> str:
    escaped = "".join(f"\\U{ord(each):08x}" for each in text)
    return f'"{escaped}"'


async def parse(client: httpx.AsyncClient, url: str) -> Any:
    response = await client.get(url)
    assert response.status_code == 200
    assert "CANARY" not in response.text
    parsed = feedparser.parse(
        response.content, response_headers={"content-type": response.headers["content-type"]}
    )
    assert parsed.bozo == False, parsed.get("bozo_exception")  # noqa: E712
    return parsed


@pytest.mark.parametrize("url", ALL[:2])
async def test_a_feed_reader_finds_no_fault(client: httpx.AsyncClient, url: str):
    parsed = await parse(client, url)
    assert parsed.entries[0].title == "The plain"
    hostile = parsed.entries[1]
    assert hostile.link == URL
    assert [tag.term for tag in hostile.tags] == ["A & <B>"]
    assert hostile.author == "Tide & <Co>"
    assert hostile.summary == "About the hostile."
    assert hostile.content[-1].value == "<p>Deep &amp; wide</p>"
    assert hostile.published_parsed[:5] == (2026, 3, 2, 12, 0)


async def test_a_title_loses_no_more_than_what_xml_cannot_say(client: httpx.AsyncClient):
    tree = etree.fromstring((await client.get("/feeds/atom.xml")).content)
    titles = tree.findall("{*}entry/{*}title")
    stripped = HOSTILE.translate(dict.fromkeys([0, 0x0B, 0x1B, 0xFFFE]))
    assert [title.text for title in titles] == ["The plain", stripped]


@pytest.mark.parametrize("url", ["/feeds/atom.xml", "/feeds/topics/ports/atom.xml"])
async def test_atom_is_valid_by_its_schema(client: httpx.AsyncClient, url: str):
    schema = etree.RelaxNG(etree.parse(SCHEMA))
    schema.assertValid(etree.fromstring((await client.get(url)).content))


async def test_an_empty_feed_is_valid_too(client: httpx.AsyncClient):
    schema = etree.RelaxNG(etree.parse(SCHEMA))
    feed = etree.fromstring((await client.get("/feeds/topics/none/atom.xml")).content)
    schema.assertValid(feed)
    assert feed.findall("{*}entry") == []


async def test_ids_are_unique_and_stay_wherever_the_feed_is_read(store: Store):
    ids = []
    for public_url in ("https://news.example", "http://other.example/x"):
        app = build_app(store, public_url=public_url)
        async with (
            serve_app(app, "127.0.0.1", 0) as port,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        ):
            parsed = await parse(client, "/feeds/atom.xml")
        assert parsed.feed.links[0].href == f"{public_url}/feeds/atom.xml"
        ids.append([parsed.feed.id, *(entry.id for entry in parsed.entries)])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3


async def test_a_json_feed_keeps_the_rules_of_its_version(client: httpx.AsyncClient):
    response = await client.get("/feeds/feed.json")
    assert response.headers["content-type"] == "application/feed+json"
    feed = response.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == str(response.url)
    assert {"title", "home_page_url", "items"} <= feed.keys()
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert "content_html" in item or "content_text" in item
        assert all(author["name"] for author in item["authors"])
        assert item["date_published"] == "2026-03-02T12:00:00Z"
    assert feed["items"][1]["title"] == HOSTILE
    assert feed["items"][1]["content_html"] == "<p>Deep &amp; wide</p>"


@pytest.mark.parametrize("name", ["atom.xml", "rss.xml"])
async def test_a_feed_of_a_topic_has_only_that(client: httpx.AsyncClient, name: str):
    parsed = await parse(client, f"/feeds/topics/PORTS/{name}")
    assert [entry.title for entry in parsed.entries] == ["The plain"]


async def test_readers_may_add_parameters_of_their_own(client: httpx.AsyncClient):
    assert (await client.get("/feeds/rss.xml?utm_source=reader")).status_code == 200
