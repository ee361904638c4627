"""Every index there is: made at start-up, by each process, to the same end. `_id` holds all uniqueness we rely on."""

from typing import Final

from pymongo import ASCENDING, IndexModel

from shared.store.mongo.database import Indexes

INDEXES: Final[Indexes] = {
    "articles": [
        IndexModel([(f"pending.{task}", ASCENDING), ("_id", ASCENDING)], name=f"pending_{task}")
        for task in ("announcement", "images", "related", "decision")
    ],
    "aliases": [IndexModel([("article", ASCENDING)], name="article")],
    "decisions": [
        IndexModel([("due.revision", ASCENDING)], name="due"),
        IndexModel([("published", ASCENDING)], name="published"),
    ],
    # Read from the article's time on, either way, `_id` for those of one moment: never more than the limit is read.
    "signatures": [
        IndexModel(
            [("terms", ASCENDING), ("publishedAt", ASCENDING), ("_id", ASCENDING)],
            name="terms_published",
        )
    ],
    "unsettled": [IndexModel([("since", ASCENDING), ("_id", ASCENDING)], name="since")],
    "members": [IndexModel([("story", ASCENDING)], name="story")],
    "stories": [
        IndexModel([("members", ASCENDING)], name="members"),
        IndexModel([("due.version", ASCENDING)], name="due"),
    ],
    "instructions": [IndexModel([("articles", ASCENDING)], name="articles")],
    "links": [IndexModel([("a", ASCENDING)], name="a"), IndexModel([("b", ASCENDING)], name="b")],
    "namings": [IndexModel([("url", ASCENDING)], name="url")],
    "parked": [
        IndexModel([("due", ASCENDING)], name="due"),
        IndexModel([("url", ASCENDING)], name="url"),
    ],
    "pictures": [
        IndexModel([("state", ASCENDING)], name="state"),
        IndexModel([("sha256", ASCENDING)], name="sha256"),
    ],
    "picture_bytes": [IndexModel([("file", ASCENDING)], name="file")],
    "picture_files.chunks": [
        IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], name="files_id_1_n_1", unique=True)
    ],
    "rejected": [IndexModel([("redrivenAt", ASCENDING)], name="redriven")],
}
