"""The actions that repair a breach. Each says in a phrase what it does; `repair.py` does it."""

from dataclasses import dataclass, field

from shared.store import Picture, RejectedRecord, Revision, StoryEvent


@dataclass(frozen=True)
class ResendRevision:
    """Send the latest revision, which the store still has, to the *topics* that lack it."""

    revision: Revision = field(repr=False)
    topics: tuple[str, ...]

    def __str__(self) -> str:
        return f"send revision {self.revision.number} to {' and '.join(self.topics)}"


@dataclass(frozen=True)
class ResendStory:
    """Send the latest event of a story, which the store still has, to the *topics* that lack it."""

    story_event: StoryEvent = field(repr=False)
    topics: tuple[str, ...]

    def __str__(self) -> str:
        return f"send version {self.story_event.version} to {' and '.join(self.topics)}"


@dataclass(frozen=True)
class AnnounceVersion:
    """Announce the article's newest version to images and related, as ingest's sweep does."""

    article_id: str
    version: int

    def __str__(self) -> str:
        return f"announce version {self.version} to images and related again"


@dataclass(frozen=True)
class WakePublishing:
    """Send publishing an event for the article, as its sweep does: it decides and announces."""

    article_id: str
    cause: str

    def __str__(self) -> str:
        return "wake publishing for it"


@dataclass(frozen=True)
class DecideAgain:
    """Make the article wait for a decision again, and wake publishing for it."""

    article_id: str
    cause: str

    def __str__(self) -> str:
        return "have publishing decide it again"


@dataclass(frozen=True)
class RestoreDecision:
    """Restore the decision from the newest event in the log, then have it decided again."""

    article_id: str
    revision: int

    def __str__(self) -> str:
        return (
            f"restore the decision from revision {self.revision} in the log, "
            "and have publishing decide it again"
        )


@dataclass(frozen=True)
class CorrectPicture:
    """Correct what the store records about a picture whose bytes are right.

    *picture* is as it should be; *articles* are the ones that name it.
    """

    picture: Picture
    articles: tuple[str, ...] = ()

    def __str__(self) -> str:
        picture = self.picture
        measured = f"{picture.width} x {picture.height}, {picture.size} bytes"
        return f"record {measured}, and update the articles that show it"


@dataclass(frozen=True)
class RefetchPicture:
    """Mark a picture whose bytes are missing or wrong as no longer cached, and fetch it again."""

    picture: Picture
    articles: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "drop isCached and fetch the picture again"


@dataclass(frozen=True)
class ParkPicture:
    """Add the picture to the parked work that images takes up."""

    article_id: str
    url: str

    def __str__(self) -> str:
        return "add it to the pictures to fetch"


@dataclass(frozen=True)
class ReclaimAliases:
    """Claim the article's aliases again."""

    article_id: str
    aliases: tuple[str, ...]

    def __str__(self) -> str:
        return "claim its aliases again"


@dataclass(frozen=True)
class RebuildListing:
    """Write the article's listing anew from its seed and its decision."""

    article_id: str

    def __str__(self) -> str:
        return "list it anew"


@dataclass(frozen=True)
class AnnounceRejection:
    """Send a rejected record to `seeds.rejected` again."""

    rejected: RejectedRecord = field(repr=False)

    def __str__(self) -> str:
        return "send it to seeds.rejected again"


RepairAction = (
    ResendRevision
    | ResendStory
    | AnnounceVersion
    | WakePublishing
    | DecideAgain
    | RestoreDecision
    | CorrectPicture
    | RefetchPicture
    | ParkPicture
    | ReclaimAliases
    | RebuildListing
    | AnnounceRejection
)
