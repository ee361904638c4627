"""/articles and /stories of 2,000 articles match a model while more are dropped."""

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest

from shared.events.stories.story_changes import attach_story_event
from shared.store import ArticleWrite, Store, Story, StoryMove
from shared.store.ports.article.listings import UNDECIDED_HEAT
from tests.integration.console.desk import Desk
from tests.integration.web.newsroom import build_article, decide, make_seed

ARTICLES = 2_002  # a multiple of STORY_EVERY, so that no story is cut in two
ROUNDS = 12
BATCH = 250
T0 = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOPICS = ("Ports", "Rail", "Sky & sea")
PROVIDERS = ("tide.example", "paper.example", "skerry.example")
WORDS = ("bridge", "harbour", "strike", "storm")
MOST_QUALITY = 120
UNDECIDED_EVERY = 10  # so many articles are not decided yet
STORY_EVERY = 7  # so many articles begin a story of three
MEMBERS = 3

ARTICLE_TITLE = re.compile(r'data-id="[^"]+"[^>]*>.*?<a href="/articles/[^"]+">([^<]*)</a>', re.S)
STORY_TITLE = re.compile(r'<h2 class="title"><a href="/stories/[^"]*">([^<]*)</a>')
NEXT = re.compile(r'<a [^>]*rel="next"[^>]*>')


@dataclass(frozen=True)
class Made:
    """An article as the model knows it. The title ends in its number."""

    number: int
    words: tuple[str, str]
    topic: str
    provider: str
    quality: int
    at: datetime

    @property
    def id(self) -> str:
        return f"a{self.number:020}"

    @property
    def title(self) -> str:
        return f"{self.words[0]} {self.words[1]} {self.number}"

    @property
    def is_decided(self) -> bool:
        return self.number % UNDECIDED_EVERY != 0

    @property
    def is_published(self) -> bool:
        return self.is_decided and self.quality >= 70

    @property
    def heat(self) -> int:
        return self.quality if self.is_decided else UNDECIDED_HEAT

    @property
    def leads_story(self) -> bool:
        """The first of three leads them, and nobody else of its story does."""
        return self.number % STORY_EVERY not in range(1, MEMBERS)


def make(number: int, chance: random.Random) -> Made:
    return Made(
        number,
        (chance.choice(WORDS), chance.choice(WORDS)),
        chance.choice(TOPICS),
        chance.choice(PROVIDERS),
        chance.randrange(MOST_QUALITY),
        T0 + timedelta(minutes=chance.randrange(2_000)),
    )


def write_seed(article: Made) -> bytes:
    return make_seed(
        str(article.number),
        title=article.title,
        topics=[article.topic],
        provider={"name": article.provider, "domain": article.provider},
        publishedDateTime=article.at.isoformat(),
        quality=article.quality,
    )


async def save(store: Store, made: Sequence[Made]) -> None:
    """As ingest, related and publishing save them."""
    for begin in range(0, len(made), BATCH):
        batch = made[begin : begin + BATCH]
        articles = [build_article(article.id, write_seed(article)) for article in batch]
        await store.articles.save([ArticleWrite(article, 0) for article in articles])
        await decide(store, [article.id for article in batch if article.is_decided])
    await save_stories(store, made)


async def save_stories(store: Store, made: Sequence[Made]) -> None:
    ids = {article.number: article.id for article in made}
    for number in ids:
        members = [ids[each] for each in range(number, number + MEMBERS) if each in ids]
        if number % STORY_EVERY == 0 and len(members) == MEMBERS:
            story = Story(f"s-{ids[number]}", 1, tuple(members), T0, lead=ids[number])
            await store.stories.move([StoryMove(each, "", story.id) for each in members])
            await store.stories.save([attach_story_event(None, story)])


@dataclass(frozen=True)
class Asked:
    """What a reader asks of a list."""

    topic: str
    provider: str
    word: str
    published: str  # yes, no, or empty: whatever
    order: str

    @classmethod
    def draw(cls, chance: random.Random) -> "Asked":
        return cls(
            chance.choice(("", "", *TOPICS)),
            chance.choice(("", "", *PROVIDERS)),
            chance.choice(("", "", *WORDS)),
            chance.choice(("", "yes", "no")),
            chance.choice(("time", "heat")),
        )

    @property
    def articles_path(self) -> str:
        return f"/articles?{self._write_query(self.topic.upper())}"

    @property
    def stories_path(self) -> str:
        return f"/stories?{self._write_query(self.topic.lower())}"

    def _write_query(self, topic: str) -> str:
        given = {"topic": topic, "provider": self.provider, "q": self.word}
        return urlencode({**given, "published": self.published or "all", "order": self.order})

    def select(self, made: Iterable[Made]) -> list[Made]:
        """The articles of the list, in its order."""
        chosen = [article for article in made if self._has(article)]
        is_by_heat = self.order == "heat" and not self.word  # a search has the order of time
        chosen.sort(key=lambda each: (each.heat * is_by_heat, each.at, each.id), reverse=True)
        return chosen

    def _has(self, article: Made) -> bool:
        return (
            self.topic in ("", article.topic)
            and self.provider in ("", article.provider)
            and (not self.word or self.word in article.words)
            and self.published in ("", "yes" if article.is_published else "no")
        )

    def select_cards(self, made: Iterable[Made]) -> list[Made]:
        """A list of published stories has one card a story."""
        is_one_a_story = self.published == "yes"
        return [each for each in self.select(made) if each.leads_story or not is_one_a_story]


class Reader:
    """Walks through lists, and drops more articles between two pages."""

    def __init__(self, desk: Desk, store: Store, chance: random.Random) -> None:
        self._desk = desk
        self._store = store
        self._chance = chance
        self.made: list[Made] = []
        self.pages = 0

    async def drop(self, count: int) -> None:
        first = len(self.made)
        fresh = [make(number, self._chance) for number in range(first, first + count)]
        await save(self._store, fresh)
        self.made += fresh

    async def walk(self, path: str, title: re.Pattern[str]) -> list[int]:
        """The numbers of the articles on all pages, in their order."""
        numbers: list[int] = []
        while path:
            page = await self._desk.read(path)
            self.pages += 1
            numbers += [int(text.rpartition(" ")[2]) for text in title.findall(page)]
            if self.pages % 3 == 0:
                await self.drop(STORY_EVERY)
            path = find_next(page)
        return numbers

    async def check(
        self, path: str, title: re.Pattern[str], select: Callable[[Iterable[Made]], list[Made]]
    ) -> None:
        """Every article that was there is on its page, once; of those that came, some are."""
        before = [*self.made]
        seen = await self.walk(path, title)
        assert len(seen) == len({*seen}), path
        old = [number for number in seen if number < len(before)]
        assert old == [article.number for article in select(before)], path
        after = {article.number for article in select(self.made)}
        assert {*seen} <= after, path


def find_next(page: str) -> str:
    link = NEXT.search(page)
    if link is None:
        return ""
    found = re.search(r'href="([^"]+)"', link[0])
    assert found is not None
    return unescape(found[1])


@pytest.mark.timeout(900)
async def test_random_filters_and_sorts_match_a_model_while_more_are_dropped(
    desk: Desk, store: Store
):
    chance = random.Random(20_260_302)
    reader = Reader(desk, store, chance)
    await reader.drop(ARTICLES)
    for _ in range(ROUNDS):
        asked = Asked.draw(chance)
        await reader.check(asked.articles_path, ARTICLE_TITLE, asked.select)
        await reader.check(asked.stories_path, STORY_TITLE, asked.select_cards)
    assert reader.pages > 2 * ROUNDS
