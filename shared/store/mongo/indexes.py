"""Every index there is: made at start-up, by each process, to the same end. `_id` holds all uniqueness we rely on."""

from typing import Final

from pymongo import ASCENDING, DESCENDING, IndexModel

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
    "signatures": [IndexModel([("terms", ASCENDING), ("publishedAt", DESCENDING)], name="terms")],
    "links": [IndexModel([("a", ASCENDING)], name="a"), IndexModel([("b", ASCENDING)], name="b")],
    "parked": [IndexModel([("due", ASCENDING)], name="due"), IndexModel([("url", ASCENDING)], name="url")],
    "pictures": [IndexModel([("state", ASCENDING)], name="state")],
    "rejected": [IndexModel([("redrivenAt", ASCENDING)], name="redriven")],
}
