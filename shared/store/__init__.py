"""The store: `connect("sqlite:///…" | "mongodb://…")` gives the adapter that a setting names."""

from shared.errors import SettingsError
from shared.store.articles import Claim, Save, Stage, StoredArticle, Taken, Task
from shared.store.bytes import KeptBytes, PictureBytes, thumbnail_name
from shared.store.contents import Content, Thumbnail
from shared.store.decisions import Decision, Publication, Verdict
from shared.store.instructions import Instruction
from shared.store.pages import Page
from shared.store.parked import Parked
from shared.store.pictures import Picture
from shared.store.port import Store
from shared.store.rejected import Cause, Rejected
from shared.store.relations import Link, Signature, Unsettled, pair
from shared.store.rules import Promoted
from shared.store.stories import Move, Notice, Story
from shared.store.workers import Heartbeat

__all__ = [
    "Cause",
    "Claim",
    "Content",
    "Decision",
    "Heartbeat",
    "Instruction",
    "KeptBytes",
    "Link",
    "Move",
    "Notice",
    "Page",
    "Parked",
    "Picture",
    "PictureBytes",
    "Promoted",
    "Publication",
    "Rejected",
    "Save",
    "Signature",
    "Stage",
    "Store",
    "StoredArticle",
    "Story",
    "Taken",
    "Task",
    "Thumbnail",
    "Unsettled",
    "Verdict",
    "connect",
    "pair",
    "thumbnail_name",
]


def connect(url: str, pictures: str = "") -> Store:
    """The store that *url* names, not yet opened; bytes of pictures in the bucket that *pictures* names, if it does.

    Raises SettingsError for a scheme we have no adapter for.
    """
    place = _place(pictures)
    if url.startswith("sqlite:///"):
        from shared.store.sqlite import SqliteStore

        return SqliteStore(url, place)
    if url.startswith(("mongodb://", "mongodb+srv://")):
        from shared.store.mongo import MongoStore

        return MongoStore(url, place)
    raise SettingsError(f"SEEDWIRE_STORE must start with sqlite:/// or mongodb://, not {url.split(':', 1)[0]!r}")


def _place(url: str) -> PictureBytes | None:
    if not url:
        return None
    if url.startswith("s3://"):
        from shared.store.s3 import BucketBytes

        return BucketBytes(url)
    raise SettingsError(f"SEEDWIRE_PICTURES must start with s3://, not {url.split(':', 1)[0]!r}")
