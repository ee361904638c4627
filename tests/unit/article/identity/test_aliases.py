"""The aliases of an article, and the id that is derived from one of them."""

import re
from typing import Any

import pytest

from shared.article import (
    Article,
    collect_aliases,
    derive_article_id,
    find_url_field,
    list_amp_origins,
    list_urls,
    parse_seed,
    partition_key,
    primary_alias,
)


def make_article(**fields: Any) -> Article:
    required = {"title": "Rain", "publishedDateTime": "2021-08-05T03:17:00Z"}
    return Article.model_validate(required | fields)


def list_common_twins(*articles: Article) -> set[str]:
    """The twins that all of them have."""
    twins = [set(collect_aliases(article)) - set(list_urls(article)) for article in articles]
    return set.intersection(*twins)


def test_an_articles_urls_are_unique_and_the_most_authoritative_comes_first() -> None:
    article = make_article(
        originalUrl="https://a.example/x",
        webUrl="http://www.z.example/X/",
        ampWebUrl="https://z.example/X/amp",
        cdnAmpWebUrl="https://z-example.cdn.ampproject.org/c/s/z.example/X/amp",
    )
    assert list_urls(article) == ("z.example/X", "a.example/x")
    aliases = collect_aliases(article)
    assert aliases[:2] == list_urls(article)
    assert [alias.split(" ")[0] for alias in aliases[2:]] == ["z.example/x", "a.example/x"]


def test_amp_at_the_end_is_left_out_only_where_the_rest_is_declared() -> None:
    page, amp = "https://a.example/guitars", "https://a.example/guitars/amp"
    assert list_urls(make_article(webUrl=amp)) == ("a.example/guitars/amp",)
    assert list_urls(make_article(webUrl=page, ampWebUrl=amp)) == ("a.example/guitars",)
    assert list_urls(make_article(ampWebUrl=amp)) == ("a.example/guitars",)
    elsewhere = make_article(webUrl="https://b.example/x", ampWebUrl=amp)
    assert list_urls(elsewhere) == ("b.example/x", "a.example/guitars/amp")
    assert list_amp_origins(elsewhere) == ("a.example/guitars",)
    assert list_amp_origins(make_article(webUrl=page, ampWebUrl=amp)) == ()


@pytest.mark.parametrize(
    "other",
    ["https://a.example/3xyzb", "https://a.example/3xYzB#top-2", "https://a.example/3xYzB/amp"],
)
def test_urls_that_differ_in_case_fragment_or_amp_share_a_twin_if_the_texts_agree(
    other: str,
) -> None:
    article = make_article(webUrl="https://a.example/3xYzB", excerpt="It is wet.")
    assert list_common_twins(article, make_article(webUrl=other, excerpt="It is  WET."))
    assert not list_common_twins(article, make_article(webUrl=other, excerpt="It is dry."))
    assert not list_common_twins(article, make_article(webUrl=other, title="Snow"))
    assert partition_key(article) == partition_key(make_article(webUrl=other, title="Snow"))


def test_the_field_of_an_alias() -> None:
    article = make_article(
        webUrl="https://a.example/x",
        originalUrl="https://b.example/y",
        ampWebUrl="https://a.example/x/amp",
    )
    assert find_url_field(article, "b.example/y") == "originalUrl"
    assert find_url_field(article, "a.example/x") == "webUrl"
    assert find_url_field(article, collect_aliases(article)[-1]) is None


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
        for alias in list_urls(article):
            owners.setdefault(alias, set()).add(str(article.original_url).lower())
    shared = [alias for alias, pages in owners.items() if len(pages) > 1]
    assert shared == []


def test_an_amp_url_that_was_filled_in_is_no_alias() -> None:
    urls: dict[str, Any] = {
        "webUrl": "https://paper.example/x",
        "ampWebUrl": "https://paper.example/other",
    }
    assert list_urls(make_article(**urls)) == ("paper.example/x", "paper.example/other")
    filled_in = make_article(**urls, filledIn=["ampWebUrl", "title", 7])
    assert list_urls(filled_in) == ("paper.example/x",)


def test_an_article_keeps_a_url_whatever_it_says_was_filled_in() -> None:
    article = make_article(ampWebUrl="https://paper.example/amp/x", filledIn=["ampWebUrl"])
    assert list_urls(article) == ("paper.example/x",)
    assert article.filled_in == frozenset()
