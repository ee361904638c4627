"""The promises that cost an article something, and the code that keeps each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

Function = tuple[str, str]
"""The end of its file's path, and its name."""
FRAME = "the frame: batches, transactions, acknowledgements"


@dataclass(frozen=True)
class Promise:
    """What it is for, and by which functions and tables it is known."""

    name: str
    functions: Sequence[Function]
    tables: Sequence[str] = ()


_PENDING = ("wait_for", "complete_task", "complete_decision", "touch", "read_pending")
_LISTS = ("list_article", "list_language", "list_decision")

PROMISES = (
    Promise("parsing and validating a drop", [("ingest/handlers.py", "parse_drops")]),
    Promise("parsing what was stored, once more", [("ports/article/articles.py", "article")]),
    Promise(
        "alias ledger: one article, all its URLs",
        [("ingest/identity.py", "build_claims"), ("sqlite/article/articles.py", "claim_aliases")],
        ["aliases"],
    ),
    Promise(
        "the seed kept, version by version",
        [
            ("ingest/batch_save.py", "save_drops"),
            ("sqlite/article/article_rows.py", "save_article"),
        ],
        ["articles"],
    ),
    Promise("reading it in every service", [("sqlite/article/article_rows.py", "select_articles")]),
    Promise(
        "lists and search, ready to read",
        [("sqlite/article/listing_rows.py", name) for name in _LISTS],
        ["listings", "listed", "title_words"],
    ),
    Promise("history", [("sqlite/operations/history.py", "write_entry")], ["history"]),
    Promise("receipts", [("ingest/handlers.py", "build_receipts")]),
    Promise(
        "pending marks: nothing accepted is lost",
        [("sqlite/article/pending_tasks.py", name) for name in _PENDING],
        ["pending"],
    ),
    Promise("planning pictures", [("images/handlers.py", "plan")], ["namings", "pictures"]),
    Promise(
        "signing: reading an article",
        [("features/signature_builder.py", "build"), ("sqlite/story/signatures.py", "_save")],
        ["signatures", "postings"],
    ),
    Promise(
        "neighbours: candidates and evidence",
        [("neighbours/neighbour_update.py", "_update_once"), ("related/handlers.py", "handle")],
        ["near", "feed"],
    ),
    Promise(
        "settling: links and stories",
        [("linking/recompute.py", "recompute")],
        ["unsettled", "links", "members", "stories", "named", "notices"],
    ),
    Promise(
        "deciding, until nothing changes",
        [
            ("publishing/deciding/reconciler.py", "reconcile"),
            ("sqlite/article/decisions.py", "_save"),
        ],
        ["decisions"],
    ),
    Promise("the revision: what consumers see", [("shared/views/article_view.py", "build_view")]),
    Promise(
        "two topics, and an outbox",
        [
            ("events/published_events.py", "build_published_events"),
            ("sqlite/operations/outbox.py", "mark_announced"),
            ("events/state_topic_repair.py", "find"),
        ],
        ["due"],
    ),
)
