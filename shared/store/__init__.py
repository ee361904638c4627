"""The store: `connect("sqlite:///…" | "mongodb://…")` gives the adapter that a setting names."""

from shared.errors import SettingsError
from shared.store.ports.articles import Claim, Save, Stage, StoredArticle, Taken, Task
from shared.store.ports.contents import Content, Thumbnail
from shared.store.ports.decisions import Decision, Publication, Verdict
from shared.store.ports.overrides import Instruction
from shared.store.ports.pages import Page
from shared.store.ports.parked import Parked
from shared.store.ports.picture_bytes import KeptBytes, PictureBytes, thumbnail_name
from shared.store.ports.pictures import Picture
from shared.store.ports.rejected import Cause, Rejected
from shared.store.ports.relations import Link, Signature, Unsettled, pair
from shared.store.ports.rules import Promoted
from shared.store.ports.store import Store
from shared.store.ports.stories import Move, Notice, Story
from shared.store.ports.workers import Heartbeat

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
    raise SettingsError(
        f"SEEDWIRE_STORE must start with sqlite:/// or mongodb://, not {url.split(':', 1)[0]!r}"
    )


def _place(url: str) -> PictureBytes | None:
    if not url:
        return None
    if url.startswith("s3://"):
        from shared.store.blobs.s3 import BucketBytes

        return BucketBytes(url)
    raise SettingsError(f"SEEDWIRE_PICTURES must start with s3://, not {url.split(':', 1)[0]!r}")
