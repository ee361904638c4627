"""Whether an accepted article can be stored, published and exported, with all that Seedwire adds.

Ingest asks this while the producer of a seed still listens. See `shared.budgets` for the numbers.
"""

import json
from typing import Any, Final, Never

from shared.article import Article, FieldError, SeedError, render_seed
from shared.budgets import (
    IMAGE_GROWTH_BYTES,
    MAX_ARTICLE_BYTES,
    MAX_EXPORTED_BYTES,
    MAX_SEED_BYTES,
    MAX_STORED_SEED_BYTES,
)

# A seed file has at most 40 times the size of the same content as JSON, or as another seed file:
# lists inside each other are indented by 64 characters, and `[1,1,1]` becomes a line for each
# number. What cannot exceed its limit even so need not be written to be measured.
_LARGEST_GROWTH: Final = 40

# Which of them is the `url` of an article in events: the first that there is.
_URL_ORDER: Final = ("webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl")

# What Seedwire derives: the budgets have room for it. A seed brings it if it was exported before.
_DERIVED: Final = ("heat", "published", "filledIn")
_MEASURED: Final = (
    "width", "height", "isCached", "claimedWidth", "claimedHeight", "mediaType", "sha256",
    "blurhash", "color",
)  # fmt: skip


def check_publishable(article: Article, seed_size: int = MAX_SEED_BYTES) -> None:
    """Raises SeedError, naming limit and size, if no event, document or file could hold *article*.

    *seed_size* is that of the seed it was parsed from.
    """
    fields = select_own_fields(article)
    published = measure_published(fields)
    if published > MAX_ARTICLE_BYTES:
        _refuse(
            "Expected a seed whose article can be published: "
            f"at most {MAX_ARTICLE_BYTES:,} bytes as JSON, found {published:,}."
        )
    if seed_size * _LARGEST_GROWTH > MAX_STORED_SEED_BYTES:
        _check_stored(article)
    own_size = published + len(article.secured or "")
    if own_size * _LARGEST_GROWTH > MAX_EXPORTED_BYTES:
        _check_exported(fields)


def encode_json(data: Any) -> bytes:
    """JSON as events carry it.

    Not with orjson: it refuses integers beyond 64 bits, which unknown fields may hold.
    """
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _check_stored(article: Article) -> None:
    stored = len(render_seed(article))
    if stored > MAX_STORED_SEED_BYTES:
        _refuse(
            "Expected a seed that can be stored: "
            f"at most {MAX_STORED_SEED_BYTES:,} bytes with a line for each value, found {stored:,}."
        )


def _check_exported(fields: dict[str, Any]) -> None:
    own = Article.model_validate(fields, by_alias=True, by_name=False)
    exported = len(render_seed(own)) + _measure_growth(fields)
    if exported > MAX_EXPORTED_BYTES:
        _refuse(
            "Expected a seed whose article can be exported and dropped again: "
            f"at most {MAX_EXPORTED_BYTES:,} bytes with a line for each value, found {exported:,}."
        )


def measure_published(fields: dict[str, Any]) -> int:
    """Bytes of an article's own *fields* in an event, each image as large as measuring can make it.

    That is without `secured`. Unknown fields count as if they stood under no `extra`: the budgets
    have room for that.
    """
    shown = {name: value for name, value in fields.items() if name != "secured"}
    url = next(fields[name] for name in _URL_ORDER if fields.get(name))
    return len(encode_json(shown)) + len(encode_json({"url": url})) + _measure_growth(fields)


def _measure_growth(fields: dict[str, Any]) -> int:
    images = len(fields.get("images", ()))
    images += len((fields.get("provider") or {}).get("images", ()))
    return images * IMAGE_GROWTH_BYTES


def select_own_fields(article: Article) -> dict[str, Any]:
    """The fields by their outside names, as JSON values, without what Seedwire derives."""
    given = article.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"related"})
    # Consumers see these two even if the seed does not give them.
    given |= {"type": article.type, "images": given.get("images") or []}
    fields = {name: value for name, value in given.items() if name not in _DERIVED}
    for name in article.filled_in:
        fields.pop(name, None)
    if not article.body:
        fields.pop("body", None)
    fields["images"] = _select_own_images(fields["images"])
    if fields.get("provider"):
        provider = fields["provider"]
        fields["provider"] = {**provider, "images": _select_own_images(provider.get("images"))}
    return fields


def _select_own_images(images: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """The images that the seed itself names, without what was measured of them."""
    own = []
    for image in images or ():
        if image.get("isFound") is not True:
            own.append({name: value for name, value in image.items() if name not in _MEASURED})
    return own


def _refuse(message: str) -> Never:
    raise SeedError([FieldError("file", None, message)])
