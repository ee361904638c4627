"""An article as a seed file again, with everything measured and derived. Pure."""

from typing import Any, Final

from shared.article import Article
from shared.budgets import MAX_RELATED
from shared.views.article_images import KnownImages, fill_in_images
from shared.views.article_snapshot import ArticleSnapshot, Relative
from shared.views.related_entry import fit_related_entry

# fmt: off
_RELATED_FIELDS: Final = {
    "title", "excerpt", "published_date_time", "web_url", "amp_web_url", "cdn_amp_web_url",
    "type", "provider", "quality", "images",
}
# fmt: on


def build_export(
    snapshot: ArticleSnapshot, max_related: int = MAX_RELATED, keeps_related: bool = False
) -> Article:
    """The article as a seed, with `secured`. Unknown fields stand where the seed has them.

    *keeps_related*: `related` stays as the seed gives it, because it gives the relations.
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
    if keeps_related:
        given = Article.model_validate(fields, by_alias=True, by_name=False)
        return given.model_copy(update={"related": article.related})
    related = []
    for relative in snapshot.relatives[:max_related]:
        related.append(_build_related_fields(relative, snapshot.images, max_related))
    fields["related"] = related
    return Article.model_validate(fields, by_alias=True, by_name=False)


def _build_related_fields(
    relative: Relative, images: KnownImages, max_related: int
) -> dict[str, Any]:
    """The seed fields of an entry of `related`, cut to their budget.

    `originalUrl` replaces a `webUrl` that is missing: videos have none.
    """
    article = fill_in_images(relative.article.article_without_related, images)
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
