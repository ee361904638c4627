"""The semantic-change gate: what a new drop of a known article changes. The rule:

1. Volatile, never a change: `secured`, `heat`, `published`, `related`, and of each picture (the provider's too)
   `width`, `height`, `isCached` and what else is measured. A picture that is `isFound`, and the AMP addresses that
   `filledIn` names, were found by us: an export has them, and they say nothing about the seed.
2. Everything else is substantive, unknown fields and body included. Of the known fields, null and an empty list say
   what a missing field says; the date counts by its instant, each of the four URL fields by its canonical form.
3. Substantive fields other than URLs differ, or a URL field was newly given or dropped: `updated`.
4. Else all canonical URLs are the same, field by field: `unchanged`.
5. Else, if the drop brings an address that the old article had in no field, it is the same story under another
   address: `duplicate`; its aliases are to be learned, the stored article stays.
6. Else known addresses have changed places: `updated`.

An article met for the first time is `accepted`; that is for whoever knows the aliases to say.
"""

import hashlib
import json
from enum import StrEnum
from typing import Any

from shared.article.aliases import aliases, canonical
from shared.article.model import URL_FIELDS, Article

_REFRESHED = ("secured", "heat", "published")
_MEASURED = frozenset(
    {
        "width",
        "height",
        "isCached",
        "claimedWidth",
        "claimedHeight",
        "sha256",
        "mediaType",
        "blurhash",
        "color",
    }
)
_URL_NAMES = tuple(Article.model_fields[name].alias or name for name in URL_FIELDS)


class Change(StrEnum):
    """What a drop was, in the words of its receipt."""

    ACCEPTED = "accepted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"


def compare(old: Article, new: Article) -> Change:
    """What *new* is to *old*, the same article as stored: `updated`, `unchanged` or `duplicate`."""
    before, after = substantive(old), substantive(new)
    if _text(before) == _text(after):
        return Change.UNCHANGED
    if _text(_without_addresses(before)) != _text(_without_addresses(after)):
        return Change.UPDATED
    return Change.UPDATED if set(aliases(new)) <= set(aliases(old)) else Change.DUPLICATE


def substantive(article: Article) -> dict[str, Any]:
    """The substantive part of *article* by outside names: plain JSON values, URLs in canonical form."""
    fields = article.model_dump(by_alias=True, exclude_unset=True, exclude={*_REFRESHED, "related"})
    found = {*article.filled_in, "filledIn"} if article.filled_in else set()
    fields = {name: value for name, value in fields.items() if name not in found}
    fields["images"] = [
        image for image in fields.get("images", []) if image.get("isFound") is not True
    ]
    given = {
        name: value
        for name, value in fields.items()
        if name not in _KNOWN or value not in (None, [])
    }
    given |= {
        "type": article.type,
        "publishedDateTime": article.published_date_time.isoformat(),
        "body": article.body,
    }
    given |= {name: canonical(given[name]) for name in _URL_NAMES if name in given}
    for block in (given, given.get("provider")):
        if block and block.get("images"):
            block["images"] = [_unmeasured(image) for image in block["images"]]
    return given


def digest(article: Article) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of the substantive part."""
    return hashlib.sha256(_text(substantive(article)).encode()).hexdigest()


def refreshed(old: Article, new: Article) -> Article | None:
    """*old* with what *new* gives for `secured`, `heat` and `published`; None if *old* has it all."""
    given = {name: getattr(new, name) for name in _REFRESHED if name in new.model_fields_set}
    held = {name: getattr(old, name) for name in _REFRESHED if name in old.model_fields_set}
    return old.model_copy(update=given) if given.items() - held.items() else None


def _text(fields: dict[str, Any]) -> str:
    """Canonical JSON: unlike `==` it tells 1 from 1.0 and true."""
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _unmeasured(image: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in image.items() if name not in _MEASURED}


def _without_addresses(fields: dict[str, Any]) -> dict[str, Any]:
    """*fields* with only the fact that each URL field is given."""
    return fields | {name: True for name in _URL_NAMES if name in fields}


_KNOWN = frozenset(info.alias or name for name, info in Article.model_fields.items())
