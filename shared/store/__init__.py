"""The store: `connect("sqlite:///…" | "mongodb://…")` gives the adapter that a setting names."""

from shared.errors import SettingsError
from shared.store.articles import Claim, Save, Stage, StoredArticle, Taken, Task
from shared.store.decisions import Decision, Publication, Verdict
from shared.store.instructions import Instruction
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
    "Decision",
    "Heartbeat",
    "Instruction",
    "Link",
    "Move",
    "Notice",
    "Parked",
    "Picture",
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
    "Unsettled",
    "Verdict",
    "connect",
    "pair",
]


def connect(url: str) -> Store:
    """The store that *url* names, not yet opened. Raises SettingsError for a scheme we have no adapter for."""
    if url.startswith("sqlite:///"):
        from shared.store.sqlite import SqliteStore

        return SqliteStore(url)
    if url.startswith(("mongodb://", "mongodb+srv://")):
        from shared.store.mongo import MongoStore

        return MongoStore(url)
    raise SettingsError(f"SEEDWIRE_STORE must start with sqlite:/// or mongodb://, not {url.split(':', 1)[0]!r}")
