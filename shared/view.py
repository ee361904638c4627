"""What people see of an article: the seed as given, its pictures as measured, its relatives and decision as derived.

`load` reads everything about many articles in eight store calls at the most; `show` and `as_seed` are pure. `secured`
appears in nothing but `as_seed`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic.alias_generators import to_camel

from shared.ampcache import cached_address
from shared.article import Article, Image, Provider
from shared.found import FILLED_IN, found_picture, lacks_picture, page_address
from shared.store import Content, Decision, Link, Page, Picture, Store, StoredArticle
from shared.store.relations import shown_score

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
class Gallery:
    """What is known of pictures by URL, of their contents by hash, and of articles' pages by URL."""

    pictures: Mapping[str, Picture]
    contents: Mapping[str, Content]
    pages: Mapping[str, Page]

    def page(self, article: Article) -> Page | None:
        return self.pages.get(page_address(article) or "")


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


async def views(store: Store, ids: Collection[str], max_related: int = MAX_RELATED) -> dict[str, dict[str, Any]]:
    """What people see of each of these articles, by id; unknown ids are left out."""
    return {article_id: show(known, max_related) for article_id, known in (await load(store, ids)).items()}


async def load(store: Store, ids: Collection[str], max_related: int = MAX_RELATED) -> dict[str, Known]:
    """Everything about these articles, by id; unknown ids are left out. The articles themselves are read first.

    Pictures are those that a view with *max_related* relatives shows.
    """
    articles = await store.articles.get(ids)
    links = await store.relations.links(articles)
    others = {link.other(article_id) for article_id, near in links.items() for link in near}
    near = articles | await store.articles.get(others - articles.keys())
    decisions = await store.decisions.get(near)
    relatives = {article_id: _linked(article_id, links[article_id], near, decisions) for article_id in articles}
    shown = [near[article_id] for article_id in articles]
    shown += [linked.article for best in relatives.values() for linked in best[:max_related]]
    seen = await _gallery([stored.article for stored in shown], store)
    return {
        article_id: Known(
            stored, relatives[article_id], seen.pictures, decisions.get(article_id), seen.contents, seen.pages
        )
        for article_id, stored in articles.items()
    }


async def _gallery(articles: Collection[Article], store: Store) -> Gallery:
    """All that these articles show; pages are looked up for those without a picture of their own alone."""
    pictures = await store.pictures.get({url for article in articles for url in _picture_urls(article)})
    lacking = {page_address(article) for article in articles if lacks_picture(article, pictures)} - {None}
    pages = await store.pages.get([url for url in lacking if url]) if lacking else {}
    found = {url for page in pages.values() for url in page.images} - pictures.keys()
    pictures = pictures | (await store.pictures.get(found) if found else {})
    hashes = {picture.sha256 for picture in pictures.values() if picture.state == "cached"}
    return Gallery(pictures, await store.contents.get(hashes) if hashes else {}, pages)


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
    return Article.model_validate(_fields(known) | {"related": related}, by_alias=True, by_name=False)


def _linked(
    article_id: str, links: Iterable[Link], near: Mapping[str, StoredArticle], decisions: Mapping[str, Decision]
) -> tuple[Linked, ...]:
    linked = {link.other(article_id): link for link in links}
    found = sorted((near[other] for other in linked if other in near), key=rank)
    return tuple(
        Linked(stored, linked[stored.id].score, decisions.get(stored.id), linked[stored.id].pinned) for stored in found
    )


def _fields(known: Known) -> dict[str, Any]:
    """The fields of the seed as given, in the order of the format, measured and decided; related is left empty."""
    article = _measured(known.article.article, known.gallery)
    derived: dict[str, Any] = {"type": article.type, "related": []}
    if known.decision:
        derived |= {"heat": known.decision.heat, "published": known.decision.published}
    fields = article.model_copy(update=derived).model_dump(mode="json", by_alias=True, exclude_unset=True)
    return fields if article.body else {name: value for name, value in fields.items() if name != "body"}


def _relative(linked: Linked, gallery: Gallery) -> dict[str, Any]:
    """An entry of `related`; a video's `originalUrl` stands in for the `webUrl` it lacks."""
    article = _measured(linked.article.article, gallery)
    filled = {"type": article.type, "web_url": article.web_url or article.original_url}
    return article.model_copy(update=filled).model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude_none=True, include=_RELATIVE
    )


def _sureness(linked: Linked) -> dict[str, Any]:
    """How sure the relation is; `pinned` is there only where the newsroom said so."""
    return {"score": shown_score(linked.score)} | ({"pinned": True} if linked.pinned else {})


def _measured(article: Article, gallery: Gallery) -> Article:
    """*article* with its pictures as measured, and what its page had where the seed has nothing."""
    images = [_image(image, gallery) for image in article.images]
    page = gallery.page(article)
    found = found_picture(article, page, gallery.pictures)
    if found and found not in {image.url for image in images}:
        images.append(_image(Image.model_validate({"url": found, "isFound": True}), gallery))
    changed: dict[str, Any] = {"images": images}
    if article.provider and article.provider.images:
        changed["provider"] = _provider(article.provider, gallery)
    return article.model_copy(update=changed | _amp(article, page))


def _amp(article: Article, page: Page | None) -> dict[str, Any]:
    """The AMP addresses that the seed does not give: found on the page, and where the AMP cache has it."""
    filled: dict[str, Any] = {}
    amp = article.amp_web_url
    if amp is None and page and page.amp_url:
        amp = filled["amp_web_url"] = page.amp_url
    if article.cdn_amp_web_url is None and page and amp and (cached := cached_address(amp)):
        filled["cdn_amp_web_url"] = cached
    names = sorted({*article.filled_in, *map(to_camel, filled)})
    return filled | {FILLED_IN: names} if filled else {}


def _provider(provider: Provider, gallery: Gallery) -> Provider:
    return provider.model_copy(update={"images": [_image(image, gallery) for image in provider.images]})


def _image(image: Image, gallery: Gallery) -> Image:
    """Cached and measured, or not cached and of the size that the seed claims."""
    picture = gallery.pictures.get(image.url)
    if picture is None or picture.state != "cached":
        return image.model_copy(update={"is_cached": False})
    measured = {"is_cached": True, "width": picture.width, "height": picture.height}
    return image.model_copy(update=measured | _claimed(image, picture) | _derived(picture, gallery))


def _claimed(image: Image, picture: Picture) -> dict[str, Any]:
    """What the seed says of the size, where that is not what was measured."""
    said = image.model_extra or {}
    claims = {"claimedWidth": (image.width, picture.width), "claimedHeight": (image.height, picture.height)}
    return {
        name: claimed
        for name, (claimed, true) in claims.items()
        if name not in said and claimed is not None and claimed != true
    }


def _derived(picture: Picture, gallery: Gallery) -> dict[str, Any]:
    content = gallery.contents.get(picture.sha256)
    known = {"mediaType": picture.media_type, "sha256": picture.sha256}
    return known | {"blurhash": content.blurhash, "color": content.colour} if content else known


def _picture_urls(article: Article) -> Iterable[str]:
    provided = article.provider.images if article.provider else []
    return (image.url for image in [*article.images, *provided])


def _without_secured(value: Any) -> Any:
    """*value* without any field of that name, however deep inside unknown fields."""
    match value:
        case dict():
            return {name: _without_secured(inner) for name, inner in value.items() if name != "secured"}
        case list():
            return [_without_secured(item) for item in value]
        case _:
            return value
