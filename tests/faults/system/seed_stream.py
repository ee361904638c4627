"""A stream of seeds made from one number, and a model of what Seedwire must make of them.

The model uses no code of Seedwire. Its stories are built so that the result follows from the latest
version of each article alone, in whatever order the drops are handled: the articles of a story
share invented words that no other story contains, and the qualities of a story's articles always
differ by more than the margin of the lead. That decides who is related, who leads, what is
published and with which heat.
"""

import random
from dataclasses import dataclass, field
from typing import Final

_SYLLABLES: Final = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aou"]
_QUALITIES: Final = range(9, 189, 3)
_INVALID_SEEDS: Final = [
    b"---\ntitle: 1: 2\n---\n",
    b"\xff\xfe no text",
    b'---\ntitle: "no address"\npublishedDateTime: 2026-03-02T10:00:00Z\n---\n',
    b"---\nwebUrl: https://paper.example/x\ntitle: x\npublishedDateTime: yesterday\n---\n",
    b"1",
    b'{"title": "JSON"}',
    None,
]
MAX_STORY: Final = 5  # articles
STORY_WORDS: Final = 6  # in every title of a story; with 4, a narrow feed left pairs at 0.5
RECENT_STORIES: Final = 12  # only these get further articles
MAX_VERSIONS: Final = 20  # of all articles of a story: there are 60 qualities, each used once
HEAT_PER_RELATIVE: Final = 10
HEAT_FROM_QUALITY: Final = 50
PUBLISH_AT: Final = 70


@dataclass(frozen=True)
class SeedDrop:
    """One record for the topic `seeds`. *status* is what its receipt must say."""

    number: int
    key: bytes
    value: bytes | None
    status: str
    article: int | None  # None: not a valid seed


@dataclass
class ModelArticle:
    """An article as its latest drop left it."""

    number: int
    story: int
    words: tuple[str, ...]
    quality: int
    images: tuple[str, ...]
    version: int = 1
    secured: str = "c2VjcmV0;aXY="
    moves: int = 0

    @property
    def url(self) -> str:
        return f"https://paper-{self.number % 7}.example/news/{self.number}"

    @property
    def title(self) -> str:
        return " ".join(self.words)

    @property
    def key(self) -> bytes:
        """One key for all drops of an article, so that Kafka keeps their order."""
        return f"article-{self.number}".encode()

    def render_seed(self, url: str = "") -> bytes:
        hour, minute = self.number // 60 % 24, self.number % 60
        lines = [
            "---",
            f'title: "{self.title}"',
            f'excerpt: "{self.title}"',
            f"publishedDateTime: 2026-03-02T{hour:02}:{minute:02}:00Z",
            f'webUrl: "{url or self.url}"',
            f'originalUrl: "{self.url}?source=feed"',
            f"quality: {self.quality}",
            f'secured: "{self.secured}"',
        ]
        if self.images:
            lines.append("images:")
        for image in self.images:
            lines += [f'  - url: "{image}"', "    width: 9", "    height: 9"]
        return "\n".join([*lines, "---", ""]).encode()


@dataclass(frozen=True)
class ExpectedArticle:
    """What must be seen of one article in the end."""

    url: str
    title: str
    quality: int
    heat: int
    published: bool
    relatives: frozenset[str]  # their URLs
    secured: str


@dataclass
class SeedStream:
    """Endless drops. *hosts* are picture hosts: the first one works, the others misbehave."""

    seed: int
    hosts: tuple[str, ...] = ()
    articles: list[ModelArticle] = field(default_factory=list)
    drops: list[SeedDrop] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(f"stream {self.seed}")
        self._word_count = 0
        self._story_words: list[list[str]] = []
        self._used_qualities: list[set[int]] = []

    def make_drop(self) -> SeedDrop:
        """The next drop. The model changes as the drop will change the article."""
        makers = (
            self._drop_new_article,
            self._drop_update,
            self._drop_again,
            self._drop_volatile_change,
            self._drop_under_new_url,
            self._drop_into_other_story,
            self._drop_invalid_seed,
        )
        make = self._random.choices(makers, (40, 22, 6, 8, 8, 6, 10))[0]
        drop = make() if self.articles else self._drop_new_article()
        self.drops.append(drop)
        return drop

    def make_drops(self, count: int) -> list[SeedDrop]:
        return [self.make_drop() for _ in range(count)]

    def expected_articles(self) -> dict[str, ExpectedArticle]:
        """The end, by URL."""
        return {article.url: self._expect(article) for article in self.articles}

    def _expect(self, article: ModelArticle) -> ExpectedArticle:
        in_story = [other for other in self.articles if other.story == article.story]
        relatives = [other for other in in_story if other is not article]
        is_lead = all(relative.quality < article.quality for relative in relatives)
        heat = -1
        if is_lead:
            bonus = HEAT_PER_RELATIVE if article.quality >= HEAT_FROM_QUALITY else 0
            heat = article.quality + bonus * len(relatives)
        return ExpectedArticle(
            url=article.url,
            title=article.title,
            quality=article.quality,
            heat=heat,
            published=heat >= PUBLISH_AT,
            relatives=frozenset(relative.url for relative in relatives),
            secured=article.secured,
        )

    def _drop_new_article(self) -> SeedDrop:
        story = self._choose_story()
        number = len(self.articles)
        words, quality = self._make_title(story), self._choose_quality(story)
        article = ModelArticle(number, story, words, quality, self._choose_images(number))
        self.articles.append(article)
        return self._make_drop(article, "accepted")

    def _drop_update(self) -> SeedDrop:
        return self._update(self._random.choice(self.articles))

    def _drop_into_other_story(self) -> SeedDrop:
        article = self._random.choice(self.articles)
        article.story = self._choose_story(other_than=article.story)
        return self._update(article)

    def _update(self, article: ModelArticle) -> SeedDrop:
        article.words = self._make_title(article.story)
        article.quality = self._choose_quality(article.story)
        article.version += 1
        return self._make_drop(article, "updated")

    def _drop_again(self) -> SeedDrop:
        return self._make_drop(self._random.choice(self.articles), "unchanged")

    def _drop_volatile_change(self) -> SeedDrop:
        """Only a volatile field changes."""
        article = self._random.choice(self.articles)
        article.secured = f"{self._random.getrandbits(64):x};aXY="
        return self._make_drop(article, "unchanged")

    def _drop_under_new_url(self) -> SeedDrop:
        """The same article under a URL that Seedwire does not know."""
        article = self._random.choice(self.articles)
        article.moves += 1
        url = f"https://moved-{article.moves}.example/{article.number}"
        return self._make_drop(article, "duplicate", url)

    def _drop_invalid_seed(self) -> SeedDrop:
        number = len(self.drops)
        value = self._random.choice(_INVALID_SEEDS)
        return SeedDrop(number, f"broken-{number}".encode(), value, "rejected", None)

    def _make_drop(self, article: ModelArticle, status: str, url: str = "") -> SeedDrop:
        value = article.render_seed(url)
        return SeedDrop(len(self.drops), article.key, value, status, article.number)

    def _choose_story(self, other_than: int = -1) -> int:
        """A recent story with room for another article, or a new one."""
        story_count = len(self._story_words)
        sizes = [0] * story_count
        for article in self.articles:
            sizes[article.story] += 1
        open_stories = []
        for story in range(max(0, story_count - RECENT_STORIES), story_count):
            has_room = sizes[story] < MAX_STORY and len(self._used_qualities[story]) < MAX_VERSIONS
            if has_room and story != other_than:
                open_stories.append(story)
        if open_stories and self._random.random() < 0.65:
            return self._random.choice(open_stories)
        self._story_words.append([self._invent_word() for _ in range(STORY_WORDS)])
        self._used_qualities.append(set())
        return story_count

    def _make_title(self, story: int) -> tuple[str, ...]:
        """The words of the story and one more, in an order of its own: titles of one form with
        other names would speak for issues of one column."""
        words = [*self._story_words[story], self._invent_word()]
        self._random.shuffle(words)
        return tuple(words)

    def _choose_quality(self, story: int) -> int:
        """A quality that no article of the story ever had."""
        used = self._used_qualities[story]
        quality = self._random.choice([quality for quality in _QUALITIES if quality not in used])
        used.add(quality)
        return quality

    def _invent_word(self) -> str:
        """A word that occurs nowhere else."""
        self._word_count += 1
        number = self._word_count + 90_000
        parts = []
        while number:
            number, rest = divmod(number, len(_SYLLABLES))
            parts.append(_SYLLABLES[rest])
        return "".join(parts)

    def _choose_images(self, number: int) -> tuple[str, ...]:
        if not self.hosts or self._random.random() < 0.3:
            return ()
        host = self.hosts[0]
        if self._random.random() >= 0.7:
            host = self._random.choice(self.hosts)
        is_shared = self._random.random() < 0.2
        path = f"{number // 10}" if is_shared else f"own/{number}"
        return (f"{host}/{path}.jpg",)
