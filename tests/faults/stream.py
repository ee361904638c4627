"""A stream of seeds made of one number, and a model of what the newsroom must come to: nothing of Seedwire is used.

Stories are made so that the model is sure of itself: the articles of a story share invented words that no other story
has, and no two articles of a story ever have qualities nearer than the margin of the lead. So who is related, who
leads, what is published and with which heat follows from the latest version of each article alone, whatever the order.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_SYLLABLES: Final = [c + v for c in "bdfgklmnprstvz" for v in "aou"]
_QUALITIES: Final = range(9, 189, 3)
PER_STORY: Final = 5


@dataclass(frozen=True)
class Drop:
    """One record for the topic `seeds`. *status* is what its receipt must say."""

    number: int
    key: bytes
    value: bytes | None
    status: str
    article: int | None  # None: not a valid seed


@dataclass
class Piece:
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

    def seed(self, url: str = "") -> bytes:
        images = "".join(
            f'  - url: "{image}"\n    width: 9\n    height: 9\n' for image in self.images
        )
        return (
            f'---\ntitle: "{self.title}"\nexcerpt: "{self.title}"\n'
            f"publishedDateTime: 2026-03-02T{self.number // 60 % 24:02}:{self.number % 60:02}:00Z\n"
            f'webUrl: "{url or self.url}"\noriginalUrl: "{self.url}?source=feed"\nquality: {self.quality}\n'
            f'secured: "{self.secured}"\n' + (f"images:\n{images}" if images else "") + "---\n"
        ).encode()


@dataclass(frozen=True)
class Expected:
    """What must be seen of one article in the end."""

    url: str
    title: str
    quality: int
    heat: int
    published: bool
    relatives: frozenset[str]  # their URLs
    secured: str
    version: int


@dataclass
class Stream:
    """Drops without end. *hosts* are picture hosts: the first is sound, the others have their moods."""

    seed: int
    hosts: tuple[str, ...] = ()
    pieces: list[Piece] = field(default_factory=list)
    drops: list[Drop] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(f"stream {self.seed}")
        self._words = 0
        self._stories: list[list[str]] = []
        self._used: list[set[int]] = []

    def __iter__(self) -> Iterator[Drop]:
        while True:
            yield self.next()

    def next(self) -> Drop:
        """The next drop; the model is what it must come to once it is taken in."""
        kinds = (
            self._new,
            self._update,
            self._again,
            self._refresh,
            self._move,
            self._change_story,
            self._broken,
        )
        kind = self._random.choices(kinds, (40, 22, 6, 8, 8, 6, 10))[0]
        drop = self._new() if not self.pieces else kind()
        self.drops.append(drop)
        return drop

    def expected(self) -> dict[str, Expected]:
        """The end, by URL."""
        return {piece.url: self._expected(piece) for piece in self.pieces}

    def _expected(self, piece: Piece) -> Expected:
        others = [
            other for other in self.pieces if other.story == piece.story and other is not piece
        ]
        leads = all(other.quality < piece.quality for other in others)
        heat = piece.quality + 10 * len(others) if leads else -1
        relatives = frozenset(other.url for other in others)
        return Expected(
            piece.url,
            piece.title,
            piece.quality,
            heat,
            heat >= 70,
            relatives,
            piece.secured,
            piece.version,
        )

    def _new(self) -> Drop:
        story = self._open_story()
        number = len(self.pieces)
        piece = Piece(number, story, self._title(story), self._quality(story), self._images(number))
        self.pieces.append(piece)
        return self._drop(piece, "accepted")

    def _update(self) -> Drop:
        piece = self._random.choice(self.pieces)
        piece.words, piece.quality = self._title(piece.story), self._quality(piece.story)
        piece.version += 1
        return self._drop(piece, "updated")

    def _change_story(self) -> Drop:
        piece = self._random.choice(self.pieces)
        piece.story = self._open_story(but=piece.story)
        piece.words, piece.quality = self._title(piece.story), self._quality(piece.story)
        piece.version += 1
        return self._drop(piece, "updated")

    def _again(self) -> Drop:
        return self._drop(self._random.choice(self.pieces), "unchanged")

    def _refresh(self) -> Drop:
        """Only what is volatile changes."""
        piece = self._random.choice(self.pieces)
        piece.secured = f"{self._random.getrandbits(64):x};aXY="
        return self._drop(piece, "unchanged")

    def _move(self) -> Drop:
        """The same article under an address that nobody knew."""
        piece = self._random.choice(self.pieces)
        piece.moves += 1
        moved = f"https://moved-{piece.moves}.example/{piece.number}"
        return Drop(len(self.drops), self._key(piece), piece.seed(moved), "duplicate", piece.number)

    def _broken(self) -> Drop:
        bad = [
            b"---\ntitle: 1: 2\n---\n",
            b"\xff\xfe no text",
            b'---\ntitle: "no address"\npublishedDateTime: 2026-03-02T10:00:00Z\n---\n',
            b"---\nwebUrl: https://paper.example/x\ntitle: x\npublishedDateTime: yesterday\n---\n",
            b"1",
            b'{"title": "JSON"}',
            None,
        ]
        return Drop(
            len(self.drops),
            f"broken-{len(self.drops)}".encode(),
            self._random.choice(bad),
            "rejected",
            None,
        )

    def _drop(self, piece: Piece, status: str) -> Drop:
        return Drop(len(self.drops), self._key(piece), piece.seed(), status, piece.number)

    def _key(self, piece: Piece) -> bytes:
        """One key for all drops of an article, so that they keep their order."""
        return f"article-{piece.number}".encode()

    def _open_story(self, but: int = -1) -> int:
        sizes = [
            sum(piece.story == story for piece in self.pieces)
            for story in range(len(self._stories))
        ]
        recent = range(max(0, len(sizes) - 12), len(sizes))
        open_ones = [
            s for s in recent if sizes[s] < PER_STORY and s != but and len(self._used[s]) < 20
        ]
        if open_ones and self._random.random() < 0.65:
            return self._random.choice(open_ones)
        self._stories.append([self._word() for _ in range(4)])
        self._used.append(set())
        return len(self._stories) - 1

    def _title(self, story: int) -> tuple[str, ...]:
        return (*self._stories[story], self._word())

    def _quality(self, story: int) -> int:
        """One that no article of the story ever had."""
        quality = self._random.choice([q for q in _QUALITIES if q not in self._used[story]])
        self._used[story].add(quality)
        return quality

    def _word(self) -> str:
        """A word that is nowhere else."""
        self._words += 1
        number, parts = self._words + 90_000, []
        while number:
            number, rest = divmod(number, len(_SYLLABLES))
            parts.append(_SYLLABLES[rest])
        return "".join(parts)

    def _images(self, number: int) -> tuple[str, ...]:
        if not self.hosts or self._random.random() < 0.3:
            return ()
        host = self.hosts[0] if self._random.random() < 0.7 else self._random.choice(self.hosts)
        shared = self._random.random() < 0.2
        return (f"{host}/{number // 10 if shared else f'own/{number}'}.jpg",)
