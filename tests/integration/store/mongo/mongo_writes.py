"""Writes of the port for tests of faults, each with its command and how to read its result."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from shared.store import AliasClaim, ArticleWrite, DecisionWrite, Link, Store, StoredArticle
from tests.contract.store.builders import (
    a_decision,
    a_first_write,
    a_parked_fetch,
    a_picture,
    a_rejected_record,
    a_revision,
    a_signature,
    an_article,
)

Step = Callable[[Store], Awaitable[object]]


@dataclass(frozen=True)
class Write:
    """*make* writes with *command* on *collection*.

    *read* gives what it leaves; *before* runs first.
    """

    command: str
    collection: str
    make: Step
    read: Step
    before: Step | None = None


async def claim_aliases(store: Store) -> object:
    return await store.articles.claim_aliases([AliasClaim("a1", ("a1.example/x",))])


async def save_article(store: Store) -> object:
    await claim_aliases(store)
    return await store.articles.save([a_first_write()])


async def save_second_version(store: Store) -> object:
    return await store.articles.save([ArticleWrite(an_article(version=2), 1)])


async def mark_article_announced(store: Store) -> object:
    await store.articles.mark_announced({"a1": 1})
    return None


async def complete_stage(store: Store) -> object:
    await store.articles.complete_stage("images", {"a1": 1})
    return None


async def save_decision(store: Store) -> object:
    return await store.decisions.save([DecisionWrite(a_decision(), 1, a_revision())])


async def save_second_decision(store: Store) -> object:
    write = DecisionWrite(a_decision(stamp=2), 1, a_revision(number=2))
    return await store.decisions.save([write])


async def mark_revision_announced(store: Store) -> object:
    await store.decisions.mark_announced({"a1": 1})
    return None


async def park_fetch(store: Store) -> object:
    await store.parked.park([a_parked_fetch()])
    return None


async def save_rejected_record(store: Store) -> object:
    await store.rejected.save([a_rejected_record()])
    return None


async def save_picture(store: Store) -> object:
    await store.pictures.save(a_picture(), b"bytes")
    return None


async def save_signature(store: Store) -> object:
    await store.signatures.save([a_signature()])
    return None


async def save_link(store: Store) -> object:
    await store.links.save([Link("a1", "b1", 0.5)])
    return None


async def read_owners(store: Store) -> object:
    return await store.articles.resolve_aliases(["a1.example/x"])


async def read_article(store: Store) -> StoredArticle:
    return (await store.articles.get(["a1"]))["a1"]


async def read_unannounced_articles(store: Store) -> object:
    return await store.articles.find_unannounced()


async def read_unannounced_revisions(store: Store) -> object:
    return await store.decisions.find_unannounced(["a1"])


async def read_parked(store: Store) -> object:
    return await store.parked.list_earliest()


async def read_rejected(store: Store) -> object:
    return await store.rejected.list_page()


async def read_picture_bytes(store: Store) -> object:
    return await store.picture_bytes.get("ab" * 32)


async def read_signature(store: Store) -> object:
    return await store.signatures.get(["a1"])


async def read_links(store: Store) -> object:
    return await store.links.get(["a1", "b1"])


WRITES: Final = {
    "claim": Write("update", "aliases", claim_aliases, read_owners),
    "first version": Write("update", "articles", save_article, read_article),
    "next version": Write("update", "articles", save_second_version, read_article, save_article),
    "announced": Write(
        "update", "articles", mark_article_announced, read_unannounced_articles, save_article
    ),
    "stage completed": Write("update", "articles", complete_stage, read_article, save_article),
    "decision": Write("insert", "decisions", save_decision, read_unannounced_revisions),
    "next decision": Write(
        "update", "decisions", save_second_decision, read_unannounced_revisions, save_decision
    ),
    "revision announced": Write(
        "update", "decisions", mark_revision_announced, read_unannounced_revisions, save_decision
    ),
    "parked": Write("update", "parked", park_fetch, read_parked),
    "rejected": Write("update", "rejected", save_rejected_record, read_rejected),
    "picture": Write("update", "picture_bytes", save_picture, read_picture_bytes),
    "signature": Write("update", "signatures", save_signature, read_signature),
    "links": Write("update", "links", save_link, read_links),
}
