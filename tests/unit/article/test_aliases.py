"""The aliases of an article, and the id that is derived from one of them."""

import re
from typing import Any

from shared.article import (
    Article,
    collect_aliases,
    derive_article_id,
    parse_seed,
    primary_alias,
)


def make_article(**fields: Any) -> Article:
    required = {"title": "Rain", "publishedDateTime": "2021-08-05T03:17:00Z"}
    return Article.model_validate(required | fields)


def test_an_articles_aliases_are_sorted_and_unique() -> None:
    article = make_article(
        originalUrl="https://z.example/x",
        webUrl="http://www.a.example/X/",
        ampWebUrl="https://a.example/x/amp",
        cdnAmpWebUrl="https://a-example.cdn.ampproject.org/c/s/a.example/x/amp",
    )
    assert collect_aliases(article) == ("a.example/x", "z.example/x")


def test_the_primary_alias_is_of_the_web_url_if_there_is_one() -> None:
    urls = {
        "cdnAmpWebUrl": "https://d.example",
        "ampWebUrl": "https://c.example",
        "originalUrl": "https://b.example",
    }
    assert primary_alias(make_article(**urls, webUrl="https://a.example")) == "a.example"
    assert primary_alias(make_article(**urls)) == "b.example"


def test_an_article_id_never_changes() -> None:
    assert derive_article_id("a.example/news/rain") == derive_article_id("a.example/news/rain")
    assert re.fullmatch("a[a-z2-7]{20}", derive_article_id("a.example/news/rain"))
    assert derive_article_id("youtube.com/watch?v=6NPtZSMH0h4") == "afgr2rf7soi2djplz5xsj"


def test_no_alias_merges_two_real_articles(real_seeds: list[bytes]) -> None:
    """Of the 501 files two pairs name the very same page; no other two share an alias."""
    owners: dict[str, set[str]] = {}
    for article in map(parse_seed, real_seeds):
        for alias in collect_aliases(article):
            owners.setdefault(alias, set()).add(str(article.original_url).lower())
    shared = [alias for alias, pages in owners.items() if len(pages) > 1]
    assert shared == []


def test_an_amp_url_that_was_filled_in_is_no_alias() -> None:
    urls: dict[str, Any] = {
        "webUrl": "https://paper.example/x",
        "ampWebUrl": "https://paper.example/amp/x",
    }
    assert len(collect_aliases(make_article(**urls))) == 2
    filled_in = make_article(**urls, filledIn=["ampWebUrl", "title", 7])
    assert collect_aliases(filled_in) == ("paper.example/x",)


def test_an_article_keeps_a_url_whatever_it_says_was_filled_in() -> None:
    article = make_article(ampWebUrl="https://paper.example/amp/x", filledIn=["ampWebUrl"])
    assert collect_aliases(article) == ("paper.example/amp/x",)
    assert article.filled_in == frozenset()
