"""The article: its seed file, its identity, and what counts as a change of it."""

from shared.article.change_detection import (
    DropStatus,
    classify_drop,
    refresh_volatile_fields,
    substantive_fields,
)
from shared.article.errors import FieldError, SeedError
from shared.article.identity.aliases import (
    collect_aliases,
    derive_article_id,
    find_url_field,
    is_twin,
    list_amp_origins,
    list_urls,
    partition_key,
    primary_alias,
)
from shared.article.identity.canonical_url import canonical_url, fold_url, strip_amp_suffix
from shared.article.identity.related_urls import list_related_urls
from shared.article.model import Article, Image, Provider
from shared.article.near_names import warn_of_near_names
from shared.article.seed_file import (
    ParsedSeed,
    parse_rendered,
    parse_seed,
    parse_without_related,
    read_seed,
    without_related,
)
from shared.article.seed_rendering import render_seed

__all__ = [
    "Article",
    "DropStatus",
    "FieldError",
    "Image",
    "ParsedSeed",
    "Provider",
    "SeedError",
    "canonical_url",
    "classify_drop",
    "collect_aliases",
    "derive_article_id",
    "find_url_field",
    "fold_url",
    "is_twin",
    "list_amp_origins",
    "list_related_urls",
    "list_urls",
    "parse_rendered",
    "parse_seed",
    "parse_without_related",
    "partition_key",
    "primary_alias",
    "read_seed",
    "refresh_volatile_fields",
    "render_seed",
    "strip_amp_suffix",
    "substantive_fields",
    "warn_of_near_names",
    "without_related",
]
