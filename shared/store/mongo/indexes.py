"""All indexes in MongoDB. Every process creates those that are missing when it starts.

Whatever must be unique is an `_id`; no other index of ours enforces it.
"""

from typing import Final

from pymongo import ASCENDING, IndexModel

from shared.store.mongo.database import Indexes
from shared.store.ports.articles import TASKS


def _ascending(name: str, *fields: str, **options: bool) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in fields], name=name, **options)


INDEXES: Final[Indexes] = {
    "articles": [_ascending(f"pending_{task}", f"pending.{task}", "_id") for task in TASKS],
    "aliases": [_ascending("article", "article")],
    "decisions": [_ascending("due", "due.revision"), _ascending("published", "published")],
    # Read from the article's time on, in either direction, `_id` ordering those of one moment: so a
    # search never reads more than its limit.
    "signatures": [_ascending("terms_published", "terms", "publishedAt", "_id")],
    "unsettled": [_ascending("since", "since", "_id")],
    "members": [_ascending("story", "story")],
    "stories": [_ascending("members", "members"), _ascending("due", "due.version")],
    "instructions": [_ascending("articles", "articles")],
    "links": [_ascending("a", "a"), _ascending("b", "b")],
    "namings": [_ascending("url", "url")],
    "parked": [_ascending("due", "due"), _ascending("url", "url")],
    "pictures": [_ascending("state", "state"), _ascending("sha256", "sha256")],
    "picture_bytes": [_ascending("file", "file")],
    "picture_files.chunks": [_ascending("files_id_1_n_1", "files_id", "n", unique=True)],
    "rejected": [_ascending("redriven", "redrivenAt")],
}
