"""The article: the seed file it comes from, its identity, and what counts as a change of it."""

from shared.article.aliases import aliases, article_id, canonical, primary
from shared.article.errors import FieldError, SeedError
from shared.article.gate import Change, compare, digest, refreshed, substantive
from shared.article.model import Article, Image, Kind, Provider, Relative
from shared.article.rendering import render
from shared.article.seedfile import MAX_SIZE, parse

__all__ = [
    "MAX_SIZE",
    "Article",
    "Change",
    "FieldError",
    "Image",
    "Kind",
    "Provider",
    "Relative",
    "SeedError",
    "aliases",
    "article_id",
    "canonical",
    "compare",
    "digest",
    "parse",
    "primary",
    "refreshed",
    "render",
    "substantive",
]
