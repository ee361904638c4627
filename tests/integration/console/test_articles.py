"""/articles: lists that match a model while more arrives, and one article with its history."""

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.store import ArticleWrite, Store, StoredArticle
from tests.integration.console.desk import Desk, read_text
from tests.integration.web.newsroom import decide, make_seed, publish

T0 = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOPICS = ("Ports", "Rail", "Sky & sea")
PROVIDERS = ("tide.example", "paper.example")
WORDS = ("bridge", "harbour", "strike", "storm")


@dataclass(frozen=True)
class Made:
    """An article as the model knows it."""

    id: str
    title: str
    topic: str
    provider: str
    at: datetime


def make(number: int, chance: random.Random) -> tuple[Made, bytes]:
    made = Made(
        id=f"a{number:020}",
        title=f"{chance.choice(WORDS)} {chance.choice(WORDS)} {number}",
        topic=chance.choice(TOPICS),
        provider=chance.choice(PROVIDERS),
        at=T0 + timedelta(minutes=chance.randrange(300)),
    )
    seed = make_seed(
        str(number),
        title=made.title,
        topics=[made.topic],
        provider={"name": made.provider, "domain": made.provider},
        publishedDateTime=made.at.isoformat(),
    )
    return made, seed


async def save(store: Store, made: list[tuple[Made, bytes]]) -> None:
    writes = []
    for article, seed in made:
        alias = f"tide.example/{article.id}"
        stored = StoredArticle(article.id, seed, 1, (alias,), accepted_at=T0, changed_at=T0)
        writes.append(ArticleWrite(stored, 0))
    await store.articles.save(writes)


async def walk(desk: Desk, path: str) -> list[str]:
    """The ids of all pages."""
    ids: list[str] = []
    while path:
        page = await desk.read(path)
        ids += re.findall(r'data-id="([^"]+)"', page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    return ids


async def test_random_filters_match_a_model_while_more_arrives(desk: Desk, store: Store):
    chance = random.Random(7)
    made = [make(number, chance) for number in range(300)]
    await save(store, made)
    for round_number in range(8):
        topic = chance.choice(("", *TOPICS))
        provider = chance.choice(("", *PROVIDERS))
        word = chance.choice(("", *WORDS))
        expected = [
            article
            for article, _ in made
            if (not topic or article.topic == topic)
            and (not provider or article.provider == provider)
            and (not word or word in article.title.split())
        ]
        expected.sort(key=lambda article: (article.at, article.id), reverse=True)
        query = f"/articles?topic={topic.replace('&', '%26')}&provider={provider}&q={word}"
        first = await desk.read(query)
        newer = make(1_000 + round_number, chance)
        await save(store, [newer])
        ids = await walk(desk, query)
        added = [newer[0].id] if newer[0].id in ids else []
        assert len(ids) == len({*ids})
        assert [each for each in ids if each not in added] == [each.id for each in expected]
        assert re.findall(r'data-id="([^"]+)"', first) == [each.id for each in expected[:50]]
        made.append(newer)


async def test_an_article_that_arrives_between_two_pages_moves_nothing(desk: Desk, store: Store):
    chance = random.Random(8)
    made = [make(number, chance) for number in range(120)]
    await save(store, made)
    before = await walk(desk, "/articles")
    first = await desk.read("/articles")
    found = re.search(r'href="([^"]+)" rel="next"', first)
    assert found
    await save(store, [make(number, chance) for number in range(200, 260)])
    seen = re.findall(r'data-id="([^"]+)"', first)
    rest = await walk(desk, found[1].replace("&amp;", "&"))
    assert [each for each in seen + rest if each in before] == before


async def test_an_article_shows_why_and_what_became_of_it(desk: Desk, store: Store):
    await publish(store, {"a1": make_seed("bridge", quality=90)})
    await decide(store, ["a1"], publish_at=95)
    text = read_text(await desk.read("/articles/a1"))
    assert "The bridge" in text
    assert "not published" in text
    history = await store.history.list_article("a1")
    assert [entry.kind for entry in history] == ["retracted", "published", "accepted"]
    for entry in history:
        assert entry.reason in text
    assert "CANARY" not in text
    assert "<secured," in text


async def test_lines_of_a_body_are_lines(desk: Desk, store: Store):
    body = b"<p>One.</p>\n<p>Two.</p>\n"
    await publish(store, {"a1": make_seed("bridge") + body})
    fields = (await desk.read("/articles/a1")).partition("<h2>Fields</h2>")[2]
    assert "&lt;p&gt;One.&lt;/p&gt;\n&lt;p&gt;Two.&lt;/p&gt;" in fields
    assert "\\n" not in fields


async def test_hostile_titles_and_addresses_are_shown_as_text(desk: Desk, store: Store):
    title = '<script>alert(1)</script> \u202e"onload="x'
    await publish(store, {"a1": make_seed("bridge", title=title, excerpt="<img src=x>")})
    for path in ("/articles", "/articles/a1"):
        page = await desk.read(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "\u202e" not in page
        assert "\\u202e" in page


async def test_a_place_that_no_page_wrote_is_refused(desk: Desk):
    for place in ("x", "1.2", "1.99999999999999999999999.a", "a.1.b"):
        await desk.read(f"/articles?after={place}", 422)
    await desk.read("/articles/nobody", 404)
