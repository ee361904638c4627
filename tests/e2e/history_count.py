"""An independent count of what a history of drops must come to: nothing of Seedwire is used here.

Articles are joined over their URLs, lower-cased, without `www.` and trailing slash. What changes nothing but the
opaque or derived fields changes nothing.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import yaml

URLS = ("originalUrl", "webUrl", "ampWebUrl", "cdnAmpWebUrl")
VOLATILE = {"secured", "heat", "published", "related"}


def count(seeds: Iterable[bytes]) -> Counter[str]:
    """How many drops are accepted, updated and unchanged."""
    owner: dict[str, int] = {}
    current: dict[int, dict[str, Any]] = {}
    statuses: Counter[str] = Counter()
    for seed in seeds:
        fields = yaml.load(seed.decode().split("---\n", 2)[1], yaml.CSafeLoader)
        urls = {plain(fields[name]) for name in URLS if fields.get(name)}
        known = [owner[url] for url in urls if url in owner]
        article = known[0] if known else len(current)
        statuses[status(current.get(article), fields)] += 1
        current[article] = fields
        owner.update(dict.fromkeys(urls, article))
    return statuses


def status(old: dict[str, Any] | None, new: dict[str, Any]) -> str:
    if old is None:
        return "accepted"
    changed = {name for name in {*old, *new} - VOLATILE if old.get(name) != new.get(name)}
    return "updated" if changed else "unchanged"


def plain(url: str) -> str:
    return url.lower().replace("://www.", "://").rstrip("/")
