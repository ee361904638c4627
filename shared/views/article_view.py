"""What people and consumers see of an article.

A view combines the seed as given, its pictures as measured, and its relatives and decision as
derived. Its fields are those of `shared.events.public.articles`. Whatever else a seed says stands
under `extra`, so that no seed can take the place of a field of ours. Views never contain `secured`.
Building a view is pure.
"""

from collections.abc import Collection
from typing import Any, Final

from shared.article import Article
from shared.budgets import MAX_RELATED
from shared.events.public.articles import ArticleReason, ArticleView, RelatedArticle
from shared.events.public.block import remove_unspoken
from shared.store import Decision, Store
from shared.views.article_images import FILLED_IN, KnownImages, fill_in_images
from shared.views.article_snapshot import ArticleSnapshot, Relative, load_snapshots
from shared.views.public_pictures import build_public_images, build_public_provider, select_extra
from shared.views.related_entry import fit_public_entry

_FILLABLE: Final = {"ampWebUrl", "cdnAmpWebUrl"}


async def load_views(
    store: Store, ids: Collection[str], max_related: int = MAX_RELATED
) -> dict[str, dict[str, Any]]:
    """The views of these articles, by id; unknown ids are left out."""
    views = {}
    for article_id, snapshot in (await load_snapshots(store, ids)).items():
        views[article_id] = build_view(snapshot, max_related)
    return views


def build_view(snapshot: ArticleSnapshot, max_related: int = MAX_RELATED) -> dict[str, Any]:
    """The view as JSON values: an `ArticleView`, with the relatives that fit.

    `lead` is the id of the article that stands for the group: its own id if the article leads.
    Before the first decision, revision is 0, there are no lead and reason, heat is as given and
    published is false.
    """
    article = fill_in_images(snapshot.article.article_without_related, snapshot.images)
    view = ArticleView(
        id=snapshot.article.id,
        story_id=snapshot.story_id,
        category=article.category,
        excerpt=article.excerpt,
        quality=article.quality,
        provider=build_public_provider(article.provider, snapshot.images),
        topics=article.topics,
        images=build_public_images(article.images, snapshot.images),
        related=[],  # these are cut as JSON
        featured_content=remove_unspoken(article.featured_content),
        body=article.body or None,
        filled_in=sorted(article.filled_in),
        extra=_select_article_extra(snapshot.article.article_without_related),
        **_build_address(article),
        **_build_decided(snapshot, article),
    )
    fields = view.as_json()
    fields["related"] = _build_related(snapshot, max_related)
    return fields


def public_url(article: Article) -> str:
    """The URL at which people read the article: `webUrl`, or the best substitute."""
    urls = (
        article.web_url,
        article.original_url,
        article.amp_web_url,
        article.cdn_amp_web_url,
    )
    return next(url for url in urls if url is not None)  # an article has at least one


def _build_address(article: Article) -> dict[str, Any]:
    """The fields of an `AddressedBlock`."""
    return {
        "type": article.type,
        "title": article.title,
        "published_date_time": article.published_date_time,
        "url": public_url(article),
        "original_url": article.original_url,
        "web_url": article.web_url,
        "amp_web_url": article.amp_web_url,
        "cdn_amp_web_url": article.cdn_amp_web_url,
    }


def _build_decided(snapshot: ArticleSnapshot, article: Article) -> dict[str, Any]:
    decision = snapshot.decision
    if decision is None:
        return {"revision": 0, "heat": article.heat, "published": False}
    return {
        "revision": decision.revision,
        "heat": decision.heat,
        "published": decision.published,
        "lead": decision.lead,
        "reason_code": classify_reason(decision, has_relatives=bool(snapshot.relatives)),
        "reason": decision.reason,
    }


def classify_reason(decision: Decision, *, has_relatives: bool) -> ArticleReason:
    """The code of the decision's reason."""
    if decision.lead != decision.article_id:
        return "outranked"
    if not decision.published:
        return "below-threshold"
    return "leads" if has_relatives else "stands-alone"


def _select_article_extra(given: Article) -> dict[str, Any] | None:
    """The unknown fields of the seed; `filledIn` is ours where an export may have written it."""
    listed = (given.model_extra or {}).get(FILLED_IN)
    is_ours = isinstance(listed, list) and all(name in _FILLABLE for name in listed)
    return select_extra(given.model_extra, [FILLED_IN] if is_ours else [])


def _build_related(snapshot: ArticleSnapshot, max_related: int) -> list[dict[str, Any]]:
    """The best relatives, each cut to its budget; one whose URL alone exceeds it is left out."""
    entries = []
    for relative in snapshot.relatives[:max_related]:
        fields = _build_related_article(relative, snapshot.images).as_json()
        entry = fit_public_entry(fields, max_related)
        if entry is not None:
            entries.append(entry)
    return entries


def _build_related_article(relative: Relative, images: KnownImages) -> RelatedArticle:
    article = fill_in_images(relative.article.article_without_related, images)
    return RelatedArticle(
        id=relative.article.id,
        excerpt=article.excerpt,
        quality=article.quality,
        score=relative.score,
        pinned=True if relative.pinned else None,
        provider=build_public_provider(article.provider, images),
        images=build_public_images(article.images, images),
        **_build_address(article),
    )
