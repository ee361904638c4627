"""What people see of an article: the seed as given, its pictures as measured, its relatives and decision as derived.

`load` reads everything about many articles in eight store calls at the most; `show` and `as_seed` are pure. `secured`
appears in nothing but `as_seed`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from shared.article import Article
from shared.article_images import Gallery, gallery_of, measured
from shared.store import Content, Decision, Link, Page, Picture, Store, StoredArticle

MAX_RELATED: Final = 10  # the seed format: ten at most

_RELATIVE: Final = {
    "title",
    "excerpt",
    "published_date_time",
    "web_url",
    "amp_web_url",
    "cdn_amp_web_url",
    "type",
    "provider",
    "quality",
    "images",
}


@dataclass(frozen=True)
class Linked:
    """A related article: how sure the relation is (0 to 1), what was decided for it last, and whether the newsroom
    *pinned* it."""

    article: StoredArticle
    score: float
    decision: Decision | None = None
    pinned: bool = False


@dataclass(frozen=True)
class Known:
    """What the store knows of one article: all its relatives, best first.

    *pictures* by URL, *contents* by hash and *pages* by URL: those of others too.
    """

    article: StoredArticle
    relatives: tuple[Linked, ...] = ()
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    decision: Decision | None = None
    contents: Mapping[str, Content] = field(default_factory=dict)
    pages: Mapping[str, Page] = field(default_factory=dict)

    @property
    def gallery(self) -> Gallery:
        return Gallery(self.pictures, self.contents, self.pages)


def rank(stored: StoredArticle) -> tuple[int, datetime, str]:
    """Sorts best first: higher quality (missing: 0), then the earlier article, then the smaller id."""
    return -(stored.article.quality or 0), stored.article.published_date_time, stored.id


def address(article: Article) -> str | None:
    """Where people read it: `webUrl`, or what comes nearest."""
    return article.web_url or article.original_url or article.amp_web_url or article.cdn_amp_web_url


async def views(
    store: Store, ids: Collection[str], max_related: int = MAX_RELATED
) -> dict[str, dict[str, Any]]:
    """What people see of each of these articles, by id; unknown ids are left out."""
    return {
        article_id: show(known, max_related)
        for article_id, known in (await load(store, ids)).items()
    }


async def load(
    store: Store, ids: Collection[str], max_related: int = MAX_RELATED
) -> dict[str, Known]:
    """Everything about these articles, by id; unknown ids are left out. The articles themselves are read first.

    Pictures are those that a view with *max_related* relatives shows.
    """
    articles = await store.articles.get(ids)
    links = await store.relations.links(articles)
    others = {link.other(article_id) for article_id, near in links.items() for link in near}
    near = articles | await store.articles.get(others - articles.keys())
    decisions = await store.decisions.get(near)
    relatives = {
        article_id: _linked(article_id, links[article_id], near, decisions)
        for article_id in articles
    }
    shown = [near[article_id] for article_id in articles]
    shown += [linked.article for best in relatives.values() for linked in best[:max_related]]
    seen = await gallery_of([stored.article for stored in shown], store)
    return {
        article_id: Known(
            stored,
            relatives[article_id],
            seen.pictures,
            decisions.get(article_id),
            seen.contents,
            seen.pages,
        )
        for article_id, stored in articles.items()
    }


def show(known: Known, max_related: int = MAX_RELATED) -> dict[str, Any]:
    """The view: JSON values under the names of the seed format, and ours: id, revision, lead, reason.

    `lead` is the id of the article that stands for the group, the own one when it leads. Before there is a decision
    revision is 0, lead and reason are null, heat is as given and published false. A seed's own field under one of our
    names is hidden here, but kept in the seed.
    """
    decision = known.decision
    related = [
        {"id": linked.article.id} | _relative(linked, known.gallery) | _sureness(linked)
        for linked in known.relatives[:max_related]
    ]
    ours = {
        "id": known.article.id,
        "revision": decision.revision if decision else 0,
        "related": related,
        "published": decision is not None and decision.published,
        "lead": decision.lead if decision else None,
        "reason": decision.reason if decision else None,
    }
    first = {"id": ours["id"], "revision": ours["revision"]}
    shown: dict[str, Any] = _without_secured(first | _fields(known) | ours)
    return shown


def as_seed(known: Known, max_related: int = MAX_RELATED) -> Article:
    """The article with what was measured and derived filled in, `secured` included: render it to export it."""
    related = [_relative(linked, known.gallery) for linked in known.relatives[:max_related]]
    return Article.model_validate(
        _fields(known) | {"related": related}, by_alias=True, by_name=False
    )


def _linked(
    article_id: str,
    links: Iterable[Link],
    near: Mapping[str, StoredArticle],
    decisions: Mapping[str, Decision],
) -> tuple[Linked, ...]:
    linked = {link.other(article_id): link for link in links}
    found = sorted((near[other] for other in linked if other in near), key=rank)
    return tuple(
        Linked(stored, linked[stored.id].score, decisions.get(stored.id), linked[stored.id].pinned)
        for stored in found
    )


def _fields(known: Known) -> dict[str, Any]:
    """The fields of the seed as given, in the order of the format, measured and decided; related is left empty."""
    article = measured(known.article.article, known.gallery)
    derived: dict[str, Any] = {"type": article.type, "related": []}
    if known.decision:
        derived |= {"heat": known.decision.heat, "published": known.decision.published}
    fields = article.model_copy(update=derived).model_dump(
        mode="json", by_alias=True, exclude_unset=True
    )
    return (
        fields
        if article.body
        else {name: value for name, value in fields.items() if name != "body"}
    )


def _relative(linked: Linked, gallery: Gallery) -> dict[str, Any]:
    """An entry of `related`; a video's `originalUrl` stands in for the `webUrl` it lacks."""
    article = measured(linked.article.article, gallery)
    filled = {"type": article.type, "web_url": article.web_url or article.original_url}
    return article.model_copy(update=filled).model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude_none=True, include=_RELATIVE
    )


def _sureness(linked: Linked) -> dict[str, Any]:
    """How sure the relation is; `pinned` is there only where the newsroom said so."""
    return {"score": linked.score} | ({"pinned": True} if linked.pinned else {})


def _without_secured(value: Any) -> Any:
    """*value* without any field of that name, however deep inside unknown fields."""
    match value:
        case dict():
            return {
                name: _without_secured(inner) for name, inner in value.items() if name != "secured"
            }
        case list():
            return [_without_secured(item) for item in value]
        case _:
            return value
