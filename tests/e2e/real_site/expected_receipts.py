"""Counts independently what receipts a history of drops must get. Uses nothing of Seedwire.

Drops belong to one article if they share a URL, in lower case, without `www.` and a trailing slash.
A drop that differs in nothing but opaque or derived fields changes nothing.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import yaml

URL_FIELDS = ("originalUrl", "webUrl", "ampWebUrl", "cdnAmpWebUrl")
VOLATILE_FIELDS = {"secured", "heat", "published", "related"}


def count_receipts(seeds: Iterable[bytes]) -> Counter[str]:
    """How many drops are accepted, updated and unchanged."""
    article_of: dict[str, int] = {}  # by URL
    latest: dict[int, dict[str, Any]] = {}  # the fields of each article
    statuses: Counter[str] = Counter()
    for seed in seeds:
        front_matter = seed.decode().split("---\n", 2)[1]
        fields = yaml.load(front_matter, yaml.CSafeLoader)
        urls = {normalize_url(fields[name]) for name in URL_FIELDS if fields.get(name)}
        known = [article_of[url] for url in urls if url in article_of]
        article = known[0] if known else len(latest)
        statuses[classify_drop(latest.get(article), fields)] += 1
        latest[article] = fields
        article_of.update(dict.fromkeys(urls, article))
    return statuses


def classify_drop(before: dict[str, Any] | None, after: dict[str, Any]) -> str:
    if before is None:
        return "accepted"
    names = {*before, *after} - VOLATILE_FIELDS
    changed = {name for name in names if before.get(name) != after.get(name)}
    return "updated" if changed else "unchanged"


def normalize_url(url: str) -> str:
    return url.lower().replace("://www.", "://").rstrip("/")
