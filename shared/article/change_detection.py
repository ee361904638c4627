"""What a new drop changes about an article that is already stored: the semantic-change rules.

1. Volatile fields never count: `secured`, `heat`, `published`, `related`, and of every picture (the
   provider's too) `width`, `height`, `isCached` and everything else that is measured. Pictures
   marked `isFound` and the AMP URLs that `filledIn` names were found by Seedwire; an export
   contains them, but they say nothing about the seed.
2. All other fields are substantive, including unknown fields and the body. For known fields, null
   and an empty list mean the same as a missing field. The date counts by its instant, and each of
   the four URL fields by its folded form: when only the case of a path differs, nothing changed.
3. If substantive fields other than URLs differ, or a URL field was added or removed: `updated`.
4. Else, if the folded URLs are the same, field by field: `unchanged`.
5. Else, if the drop brings a URL that the stored article has in no field, it is the same article
   under another URL: `duplicate`. Its aliases are added; the stored article stays as it is.
6. Else known URLs have moved between fields: `updated`.

Where the seeds give the relations (`SEEDWIRE_RELATED=given`), the URLs that `related` lists are
substantive too, as a set of canonical URLs.

A drop that creates an article is `accepted`, and one that is older than what is stored `outdated`.
Only the caller can tell, from the stored aliases and the times of the records.
"""

import json
from enum import StrEnum
from typing import Any

from shared.article.identity.aliases import list_urls
from shared.article.identity.canonical_url import canonical_url, fold_url
from shared.article.identity.related_urls import list_related_urls
from shared.article.model import URL_FIELDS, Article

_VOLATILE = ("secured", "heat", "published")
# fmt: off
_MEASURED = frozenset({
    "width", "height", "isCached", "claimedWidth", "claimedHeight",
    "sha256", "mediaType", "blurhash", "color",
})
# fmt: on
_KNOWN = frozenset(info.alias or name for name, info in Article.model_fields.items())
_URL_NAMES = tuple(Article.model_fields[name].alias or name for name in URL_FIELDS)


class DropStatus(StrEnum):
    """What a drop was, in the words of its receipt."""

    ACCEPTED = "accepted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    OUTDATED = "outdated"


def classify_drop(
    stored: Article, dropped: Article, has_given_relations: bool = False
) -> DropStatus:
    """What *dropped* is to *stored*, the same article: `updated`, `unchanged` or `duplicate`."""
    if has_given_relations and list_related_urls(stored) != list_related_urls(dropped):
        return DropStatus.UPDATED
    before, after = substantive_fields(stored), substantive_fields(dropped)
    if _canonical_json(before) == _canonical_json(after):
        return DropStatus.UNCHANGED
    if _canonical_json(_mask_urls(before)) != _canonical_json(_mask_urls(after)):
        return DropStatus.UPDATED
    is_moved = _folded_urls(dropped) - _folded_urls(stored)
    return DropStatus.DUPLICATE if is_moved else DropStatus.UPDATED


def substantive_fields(article: Article) -> dict[str, Any]:
    """The substantive fields by their outside names: plain JSON values, URLs in folded form."""
    given = _given_fields(article)
    given["type"] = article.type
    given["publishedDateTime"] = article.published_date_time.isoformat()
    given["body"] = article.body
    for name in _URL_NAMES:
        if name in given:
            given[name] = fold_url(canonical_url(given[name]))
    _remove_measurements(given)
    _remove_measurements(given.get("provider") or {})
    return given


def refresh_volatile_fields(stored: Article, dropped: Article) -> Article | None:
    """*stored* with the `secured`, `heat` and `published` of *dropped*; None if nothing differs."""
    new, old = _given_volatile_fields(dropped), _given_volatile_fields(stored)
    return stored.model_copy(update=new) if new.items() - old.items() else None


def _folded_urls(article: Article) -> set[str]:
    return {fold_url(url) for url in list_urls(article)}


def _given_fields(article: Article) -> dict[str, Any]:
    """What the seed says, without volatile fields and without what Seedwire found itself."""
    fields = article.model_dump(by_alias=True, exclude_unset=True, exclude={*_VOLATILE, "related"})
    if article.filled_in:
        for name in (*article.filled_in, "filledIn"):
            fields.pop(name, None)
    images = fields.get("images", [])
    fields["images"] = [image for image in images if image.get("isFound") is not True]
    return {name: value for name, value in fields.items() if not _is_empty(name, value)}


def _is_empty(name: str, value: Any) -> bool:
    return name in _KNOWN and value in (None, [])


def _remove_measurements(block: dict[str, Any]) -> None:
    """Remove the measured fields from the pictures of an article or a provider, in place."""
    for image in block.get("images") or []:
        for name in _MEASURED:
            image.pop(name, None)


def _given_volatile_fields(article: Article) -> dict[str, Any]:
    given = article.model_fields_set.intersection(_VOLATILE)
    return {name: getattr(article, name) for name in given}


def _mask_urls(fields: dict[str, Any]) -> dict[str, Any]:
    """*fields* with each URL replaced by the fact that there is one."""
    return fields | {name: True for name in _URL_NAMES if name in fields}


def _canonical_json(fields: dict[str, Any]) -> str:
    """Unlike `==`, canonical JSON distinguishes 1 from 1.0 and from true."""
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
