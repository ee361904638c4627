"""All indexes in MongoDB. Every process creates those that are missing when it starts.

Whatever must be unique is an `_id`; no other index of ours enforces it. An index whose fields
change gets another name: under the old one, MongoDB refuses it.
"""

from typing import Final

from pymongo import ASCENDING, IndexModel

from shared.store.mongo.engine.server_checks import Indexes
from shared.store.ports.article.articles import TASKS


def _ascending(name: str, *fields: str, **options: bool) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in fields], name=name, **options)


INDEXES: Final[Indexes] = {
    "articles": [
        *(_ascending(f"pending_{task}", f"pending.{task}", "_id") for task in TASKS),
        # Articles that only wait for a decision, the oldest first, however many wait for pictures.
        _ascending(
            "pending_decision_alone",
            "pending.images",
            "pending.related",
            "pending.decision",
            "_id",
        ),
        # A page of a list is read backwards, from where the page before ended.
        _ascending("listed", "listed.facets", "decided.published", "listed.publishedAt", "_id"),
        _ascending(
            "listed_heat",
            "listed.facets",
            "decided.published",
            "decided.heat",
            "listed.publishedAt",
            "_id",
        ),
        _ascending("title_words", "listed.words", "decided.published", "listed.publishedAt", "_id"),
        _ascending("revised", "decided.revisedAt"),
    ],
    "aliases": [_ascending("article", "article")],
    "decisions": [
        _ascending("due", "due.revision"),
        _ascending("due_since", "dueSince", "_id"),
        _ascending("published", "published"),
    ],
    # Read from the article's time on, in either direction, `_id` ordering those of one moment: so a
    # search never reads more than its limit.
    "signatures": [
        _ascending("terms_published", "terms", "publishedAt", "_id"),
        _ascending("published", "publishedAt", "_id"),
    ],
    "acts": [_ascending("latest", "at", "_id"), _ascending("subjects", "subjects", "at", "_id")],
    "unsettled": [_ascending("since", "since", "_id"), _ascending("leased", "leasedUntil")],
    "members": [_ascending("story", "story")],
    "stories": [
        _ascending("members", "members"),
        _ascending("due", "due.version"),
        _ascending("due_since", "dueSince", "_id"),
        _ascending("superseded", "supersededBy"),
    ],
    "instructions": [_ascending("articles", "articles")],
    "links": [_ascending("a", "a"), _ascending("b", "b")],
    "namings": [_ascending("url", "url")],
    # In the order in which fetches are claimed; the lease tells from the index which are free.
    "parked": [_ascending("due_lease", "due", "_id", "leasedUntil"), _ascending("url", "url")],
    "pictures": [_ascending("state_sha256", "state", "sha256"), _ascending("sha256", "sha256")],
    "picture_bytes": [_ascending("file", "file")],
    "picture_files.chunks": [_ascending("files_id_1_n_1", "files_id", "n", unique=True)],
    "rejected": [_ascending("state", "state", "_id")],
    "rejected_bytes": [_ascending("file", "file")],
    "rejected_files.chunks": [_ascending("files_id_1_n_1", "files_id", "n", unique=True)],
}
