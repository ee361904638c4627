"""A third feed, which the judge has not learned from: 501 seeds about Power Apps.

Three sets of pairs were read. Each pair is labelled E, S or N, as those of the real feed are, by
titles and excerpts.

*Drawn*: 118 articles drawn at random, each with its candidates (`sampling.py`), 454 pairs. They
were labelled in random order, without what linking says of them.

*Drawn again*: 108 other articles drawn likewise, 362 pairs that were not read before. They were
labelled after the last change of linking, by readers who knew nothing of Seedwire, of its answers
and of the first set.

*Chosen*: all 29 pairs that linking related outside of the largest affair (a leak), 31 of the 203
pairs within it, and 30 pairs that only the preset `broad` related; the latter two were drawn at
random. Since linking chose the pairs, recall is that of these pairs alone.

Articles are named by a hash of the seed's file name.
"""

import hashlib
from pathlib import Path
from typing import Final

from shared.article import Article, parse_seed
from tests.bench.linking.streams import Row
from tests.real_data import DATA, load_real_seeds

PAIRS: Final = {
    "drawn": Path(__file__).with_name("power_apps_drawn.jsonl"),
    "drawn again": Path(__file__).with_name("power_apps_drawn_again.jsonl"),
    "chosen": Path(__file__).with_name("power_apps_chosen.jsonl"),
}
"""`{a, b, label, why}`, for `real_feed.evaluate`."""
_ID_LETTERS: Final = 12


def is_here() -> bool:
    return (DATA / "seeds-real.tar.gz").exists()


def load_articles() -> list[Row]:
    """`id, title, excerpt, url, provider, ts`, by publication."""
    rows: list[Row] = []
    for name, seed in load_real_seeds().items():
        article_id = hashlib.sha256(name.encode()).hexdigest()[:_ID_LETTERS]
        rows.append(_build_row(article_id, parse_seed(seed)))
    return sorted(rows, key=lambda row: row["ts"])


def _build_row(article_id: str, article: Article) -> Row:
    provider = article.provider
    return {
        "id": article_id,
        "title": article.title,
        "excerpt": article.excerpt or "",
        "url": article.web_url,
        "provider": (provider.domain or provider.name) if provider else "",
        "ts": article.published_date_time.timestamp(),
    }
