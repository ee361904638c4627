"""What listings are made of in MongoDB: two fields of the article's own document.

`listed` is what the listing takes from the seed, and is written with it. `decided` is what it takes
from the latest decision, and follows that in a second write; the article waits for its decision, or
its record is not committed, until it was made. `decided.stamp` tells which decision it is of, so
that a late write of an older one changes nothing.
"""

from collections.abc import Mapping
from typing import Any, Final

from pymongo import UpdateOne

from shared.store.listing_content import describe_content, language_facet
from shared.store.mongo.engine.database import Document
from shared.store.ports.article.articles import StoredArticle
from shared.store.ports.article.listings import UNDECIDED_HEAT, Listing
from shared.store.ports.story.signatures import Signature

UNDECIDED: Final[Mapping[str, Any]] = {
    "stamp": 0,
    "published": False,
    "heat": UNDECIDED_HEAT,
    "lead": "",
    "relatives": None,
    "revision": 0,
    "revisedAt": None,
}

# Of a document of `decisions`, as far as listings show it.
DECISION_FIELDS: Final = (
    "stamp",
    "published",
    "heat",
    "lead",
    "revision",
    "inputs.relatives",
    "latest.at",
)

LISTING_FIELDS: Final = (
    "version",
    "decided",
    *(
        f"listed.{name}"
        for name in (
            "title",
            "slug",
            "publishedAt",
            "provider",
            "topics",
            "quality",
            "problem",
            "language",
        )
    ),
)


def build_listed(article: StoredArticle) -> Document:
    """The field `listed` of an article; its language is not known until related has read it."""
    content = describe_content(article)
    return {
        "title": content.title,
        "slug": content.slug,
        "publishedAt": content.published_at,
        "provider": content.provider,
        "topics": list(content.topics),
        "quality": content.quality,
        "problem": content.problem,
        "language": "",
        "facets": list(content.facets),
        "words": list(content.words),
    }


def list_language(signature: Signature) -> UpdateOne:
    """Provided that the signature is of the stored version: only that has a language once."""
    query = {"_id": signature.article_id, "version": signature.version}
    change = {
        "$set": {"listed.language": signature.language},
        "$addToSet": {"listed.facets": language_facet(signature.language)},
    }
    return UpdateOne(query, change)


def build_decided(article_id: str, decision: Mapping[str, Any]) -> Document:
    """The field `decided` of an article; *decision* has at least DECISION_FIELDS.

    A projection leaves out fields inside of null.
    """
    inputs, latest = decision.get("inputs", {}), decision.get("latest")
    leads = decision["lead"] == article_id
    return {
        "stamp": decision["stamp"],
        "published": decision["published"],
        "heat": decision["heat"],
        "lead": decision["lead"],
        "relatives": len(inputs.get("relatives", ())) if leads else None,
        "revision": decision["revision"],
        "revisedAt": latest["at"] if latest else None,
    }


def list_decision(article_id: str, decision: Mapping[str, Any]) -> UpdateOne:
    """Unless that of a later decision is there already."""
    decided = build_decided(article_id, decision)
    query = {"_id": article_id, "decided.stamp": {"$lt": decided["stamp"]}}
    return UpdateOne(query, {"$set": {"decided": decided}})


def build_listing(document: Mapping[str, Any]) -> Listing:
    listed, decided = document["listed"], document["decided"]
    heat = decided["heat"]
    return Listing(
        article_id=document["_id"],
        version=document["version"],
        title=listed["title"],
        slug=listed["slug"],
        published_at=listed["publishedAt"],
        provider=listed["provider"],
        topics=tuple(listed["topics"]),
        quality=listed["quality"],
        problem=listed["problem"],
        language=listed["language"],
        is_published=decided["published"],
        heat=None if heat == UNDECIDED_HEAT else heat,
        lead=decided["lead"],
        relatives=decided["relatives"],
        revision=decided["revision"],
        revised_at=decided["revisedAt"],
    )
