"""What a stored article says of itself: with and without the relatives that its seed lists."""

from datetime import UTC, datetime

from shared.article import parse_seed, render_seed
from shared.store import StoredArticle

AT = datetime(2026, 8, 1, tzinfo=UTC)
SEED = b"""---
title: Rain
publishedDateTime: 2026-08-01T10:00:00Z
webUrl: https://a.example/rain
quality: 70

related:
  - title: Wind
    webUrl: https://a.example/wind

mood: wet
---
A body.
"""


def store_seed() -> StoredArticle:
    rendered = render_seed(parse_seed(SEED))
    return StoredArticle("a", rendered, 1, ("https://a.example/rain",), AT, AT)


def test_an_article_is_what_its_seed_says():
    assert store_seed().article == parse_seed(SEED)


def test_it_can_be_read_without_the_relatives_that_its_seed_lists():
    whole = parse_seed(SEED)
    assert whole.related
    assert store_seed().article_without_related == whole.model_copy(update={"related": []})


def test_what_is_parsed_already_is_not_parsed_without_the_relatives():
    stored = store_seed()
    assert stored.article.related
    assert stored.article_without_related.related == []
    assert stored.article_without_related.provider is stored.article.provider
    assert stored.article.related
