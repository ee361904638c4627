"""What mends a breach: each kind says in a sentence what it does. `repair.py` does it."""

from dataclasses import dataclass, field

from shared.store import Picture, Publication, Rejected


@dataclass(frozen=True)
class Resend:
    """Send a revision that the store still has to the *topics* that lack it."""

    item: Publication = field(repr=False)
    topics: tuple[str, ...]

    def __str__(self) -> str:
        return f"send revision {self.item.revision} to {' and '.join(self.topics)}"


@dataclass(frozen=True)
class Announce:
    """Announce the article's newest version to the stages, as ingest's sweep does."""

    article_id: str
    version: int

    def __str__(self) -> str:
        return f"announce version {self.version} to images and related again"


@dataclass(frozen=True)
class Wake:
    """Wake the owner of the article's partition, as publishing's sweep does: it decides, and sends what is due."""

    article_id: str
    cause: str

    def __str__(self) -> str:
        return "wake publishing for it"


@dataclass(frozen=True)
class Redecide:
    """Touch the article, so that it waits for a decision, and wake publishing for it."""

    article_id: str
    cause: str

    def __str__(self) -> str:
        return "have it decided anew"


@dataclass(frozen=True)
class Restore:
    """Put the decision back that the newest event in the log tells of, then have the article decided anew."""

    article_id: str
    revision: int

    def __str__(self) -> str:
        return f"restore the decision from revision {self.revision} in the log, and have it decided anew"


@dataclass(frozen=True)
class Remeasure:
    """The bytes are the right ones: correct what is noted of them."""

    picture: Picture  # as it should be
    articles: tuple[str, ...] = ()  # that name it

    def __str__(self) -> str:
        return f"note {self.picture.width} x {self.picture.height}, {self.picture.size} bytes, and show that"


@dataclass(frozen=True)
class Refetch:
    """The picture is not there or a wrong one: it is no longer cached, and fetched anew."""

    picture: Picture
    articles: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "drop isCached and fetch the picture anew"


@dataclass(frozen=True)
class Park:
    """Put the picture on the list of work that images takes up."""

    article_id: str
    url: str

    def __str__(self) -> str:
        return "put it on the list of pictures to fetch"


@dataclass(frozen=True)
class Reclaim:
    """Enter the article's aliases into the ledger again."""

    article_id: str
    aliases: tuple[str, ...]

    def __str__(self) -> str:
        return "enter its addresses into the ledger again"


@dataclass(frozen=True)
class Tell:
    """Send a rejected record to `seeds.rejected` again."""

    rejected: Rejected = field(repr=False)

    def __str__(self) -> str:
        return "send it to seeds.rejected again"


Mend = Resend | Announce | Wake | Redecide | Restore | Remeasure | Refetch | Park | Reclaim | Tell
