"""What people and consumers see of an article.

A view combines the seed as given, its pictures as measured, and its relatives and decision as
derived. Views never contain `secured`; only `build_export` keeps it. Building a view or an export
is pure.
"""

from collections.abc import Collection
from typing import Any, Final

from shared.article import Article
from shared.article_images import KnownImages, fill_in_images
from shared.article_snapshot import ArticleSnapshot, Relative, load_snapshots
from shared.budgets import MAX_RELATED
from shared.related_entry import fit_related_entry
from shared.store import Store

# fmt: off
_RELATED_FIELDS: Final = {
    "title", "excerpt", "published_date_time", "web_url", "amp_web_url", "cdn_amp_web_url",
    "type", "provider", "quality", "images",
}
# fmt: on


async def load_views(
    store: Store, ids: Collection[str], max_related: int = MAX_RELATED
) -> dict[str, dict[str, Any]]:
    """The views of these articles, by id; unknown ids are left out."""
    views = {}
    for article_id, snapshot in (await load_snapshots(store, ids)).items():
        views[article_id] = build_view(snapshot, max_related)
    return views


def build_view(snapshot: ArticleSnapshot, max_related: int = MAX_RELATED) -> dict[str, Any]:
    """The view as JSON values: the fields of the seed format, and id, revision, lead and reason.

    `lead` is the id of the article that stands for the group: its own id if the article leads.
    Before the first decision, revision is 0, lead and reason are null, heat is as given and
    published is false. A field of the seed that has one of these names is hidden, but stays in the
    seed.
    """
    decision = snapshot.decision
    related = []
    for relative in snapshot.relatives[:max_related]:
        related.append(_build_related_view(relative, snapshot.images, max_related))
    derived = {
        "id": snapshot.article.id,
        "revision": decision.revision if decision else 0,
        "related": related,
        "published": decision is not None and decision.published,
        "lead": decision.lead if decision else None,
        "reason": decision.reason if decision else None,
    }
    first = {"id": derived["id"], "revision": derived["revision"]}
    view: dict[str, Any] = _remove_secured(first | _build_fields(snapshot) | derived)
    return view


def build_export(snapshot: ArticleSnapshot, max_related: int = MAX_RELATED) -> Article:
    """The article as a seed, with everything measured and derived, and with `secured`."""
    relatives = snapshot.relatives[:max_related]
    related = []
    for relative in relatives:
        related.append(_build_related_fields(relative, snapshot.images, max_related))
    fields = _build_fields(snapshot) | {"related": related}
    return Article.model_validate(fields, by_alias=True, by_name=False)


def public_url(article: Article) -> str | None:
    """The URL at which people read the article: `webUrl`, or the best substitute."""
    return article.web_url or article.original_url or article.amp_web_url or article.cdn_amp_web_url


def _build_fields(snapshot: ArticleSnapshot) -> dict[str, Any]:
    """The seed's fields in the order of the format, with pictures and decision filled in.

    `related` is empty: its entries differ between views and exports.
    """
    article = fill_in_images(snapshot.article.article, snapshot.images)
    derived: dict[str, Any] = {"type": article.type, "related": []}
    if snapshot.decision:
        derived["heat"] = snapshot.decision.heat
        derived["published"] = snapshot.decision.published
    completed = article.model_copy(update=derived)
    fields = completed.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if not article.body:
        fields.pop("body", None)
    return fields


def _build_related_view(
    relative: Relative, images: KnownImages, max_related: int
) -> dict[str, Any]:
    """An entry of `related` in a view; it has `pinned` only if an editor pinned it."""
    entry = {"id": relative.article.id} | _build_related_fields(relative, images, max_related)
    entry["score"] = relative.score
    if relative.pinned:
        entry["pinned"] = True
    return entry


def _build_related_fields(
    relative: Relative, images: KnownImages, max_related: int
) -> dict[str, Any]:
    """The seed fields of an entry of `related`, cut to their budget.

    `originalUrl` replaces a `webUrl` that is missing: videos have none.
    """
    article = fill_in_images(relative.article.article, images)
    url = article.web_url or article.original_url
    completed = article.model_copy(update={"type": article.type, "web_url": url})
    fields = completed.model_dump(
        mode="json",
        by_alias=True,
        exclude_unset=True,
        exclude_none=True,
        include=_RELATED_FIELDS,
    )
    return fit_related_entry(fields, max_related)


def _remove_secured(value: Any) -> Any:
    """*value* without any field `secured`, however deep inside unknown fields."""
    match value:
        case dict():
            kept = {}
            for name, inner in value.items():
                if name != "secured":
                    kept[name] = _remove_secured(inner)
            return kept
        case list():
            return [_remove_secured(item) for item in value]
        case _:
            return value
