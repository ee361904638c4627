"""The store: `connect("sqlite:///…" | "mongodb://…")` gives the adapter that a setting names."""

from shared.errors import SettingsError
from shared.store.compare_and_set import repeat_until_stable
from shared.store.paging import pages
from shared.store.ports.article.alias_claims import AliasClaim, GrantedClaim, OwnedAlias
from shared.store.ports.article.articles import (
    AnsweredDrop,
    ArticleSummary,
    ArticleWrite,
    Stage,
    StoredArticle,
    Task,
)
from shared.store.ports.article.contents import Content, Thumbnail
from shared.store.ports.article.decisions import (
    NO_DECISION,
    Decision,
    DecisionMark,
    DecisionWrite,
    Revision,
)
from shared.store.ports.article.listings import (
    Listing,
    ListingLine,
    ListingQuery,
    Position,
    build_line,
)
from shared.store.ports.operations.failure_counts import FailureCount
from shared.store.ports.operations.history import Act, ActPosition, HistoryEntry
from shared.store.ports.operations.rejected import (
    CaseState,
    Cause,
    Dismissal,
    RedriveAttempt,
    RedriveOrigin,
    RejectedRecord,
)
from shared.store.ports.operations.workers import Heartbeat
from shared.store.ports.picture.parked import ParkedFetch
from shared.store.ports.picture.picture_bytes import PictureBytes, StoredBytes, thumbnail_name
from shared.store.ports.picture.pictures import Picture
from shared.store.ports.picture.web_pages import WebPage
from shared.store.ports.store import Store
from shared.store.ports.story.feed import FeedSnapshot
from shared.store.ports.story.links import Link, ordered_pair
from shared.store.ports.story.neighbour_lists import Neighbour, NeighbourList
from shared.store.ports.story.neighbourhoods import DirtyMark
from shared.store.ports.story.overrides import Override, OverrideKind
from shared.store.ports.story.rulesets import Ruleset
from shared.store.ports.story.signatures import Signature, TitleWord, TitleWordKind
from shared.store.ports.story.stories import (
    Story,
    StoryEvent,
    StoryEventKind,
    StoryMove,
    initial_story_id,
)

__all__ = [
    "NO_DECISION",
    "Act",
    "ActPosition",
    "AliasClaim",
    "AnsweredDrop",
    "ArticleSummary",
    "ArticleWrite",
    "CaseState",
    "Cause",
    "Content",
    "Decision",
    "DecisionMark",
    "DecisionWrite",
    "DirtyMark",
    "Dismissal",
    "FailureCount",
    "FeedSnapshot",
    "GrantedClaim",
    "Heartbeat",
    "HistoryEntry",
    "Link",
    "Listing",
    "ListingLine",
    "ListingQuery",
    "Neighbour",
    "NeighbourList",
    "Override",
    "OverrideKind",
    "OwnedAlias",
    "ParkedFetch",
    "Picture",
    "PictureBytes",
    "Position",
    "RedriveAttempt",
    "RedriveOrigin",
    "RejectedRecord",
    "Revision",
    "Ruleset",
    "Signature",
    "Stage",
    "Store",
    "StoredArticle",
    "StoredBytes",
    "Story",
    "StoryEvent",
    "StoryEventKind",
    "StoryMove",
    "Task",
    "Thumbnail",
    "TitleWord",
    "TitleWordKind",
    "WebPage",
    "build_line",
    "connect",
    "initial_story_id",
    "ordered_pair",
    "pages",
    "repeat_until_stable",
    "thumbnail_name",
]


def connect(url: str, pictures_url: str = "") -> Store:
    """The store that *url* names, not opened yet.

    Bytes of pictures go into the bucket that *pictures_url* names.

    Without *pictures_url* the database keeps them, or files beside it. Raises SettingsError for a
    scheme without an adapter.
    """
    picture_bytes = _connect_picture_bytes(pictures_url)
    if url.startswith("sqlite:///"):
        from shared.store.sqlite.store import SqliteStore

        return SqliteStore(url, picture_bytes)
    if url.startswith(("mongodb://", "mongodb+srv://")):
        from shared.store.mongo.store import MongoStore

        return MongoStore(url, picture_bytes)
    raise SettingsError(
        f"SEEDWIRE_STORE must start with sqlite:/// or mongodb://, not {_scheme(url)!r}"
    )


def _connect_picture_bytes(url: str) -> PictureBytes | None:
    if not url:
        return None
    if url.startswith("s3://"):
        from shared.store.blobs.s3 import BucketBytes

        return BucketBytes(url)
    raise SettingsError(f"SEEDWIRE_PICTURES must start with s3://, not {_scheme(url)!r}")


def _scheme(url: str) -> str:
    return url.partition(":")[0]
