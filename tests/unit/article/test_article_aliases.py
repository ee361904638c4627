import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.article import Article, aliases, article_id, canonical, parse, primary

ONE_PAGE = [
    "https://www.a.example/News/Rain",
    "http://a.example/news/rain",
    "HTTPS://A.EXAMPLE:443/news/rain/",
    "http://a.example:80/news/rain//",
    "https://a.example./news/rain#comments",
    "https://a.example/news/rain?utm_source=x&UTM_Medium=y&fbclid=1&gclid=2&mc_cid=3&mc_eid=4&igshid=5&WT.mc_id=6",
    "https://a.example/news/rain?amp",
    "https://a.example/news/rain/?amp=1",
    "https://a.example/news/rain?_amp=true",
    "https://a.example/news/rain?outputType=amp",
    "https://a.example/news/rain/amp",
    "https://a.example/news/rain/AMP/",
    "https://amp.a.example/news/rain",
    "https://user:word@a.example/news/rain",
    "https://a-example.cdn.ampproject.org/c/s/www.a.example/news/rain/amp/",
    "https://a-example.cdn.ampproject.org/c/a.example/news/rain",
    "https://a-example.cdn.ampproject.org/v/s/a.example/news/rain?amp_js_v=0.1&usqp=mq331",
    "https://a-example.cdn.ampproject.org/wp/s/a.example/news/rain",
    "https://cdn.ampproject.org/c/s/a.example/news/rain",
    "https://www.google.com/amp/s/a.example/news/rain",
    "https://www.google.co.uk/amp/s/www.a.example/news/rain?amp=1",
    "https://www.google.com/amp/s/a-example.cdn.ampproject.org/c/s/a.example/news/rain",
]
ONE_VIDEO = [
    "https://www.youtube.com/watch?v=6NPtZSMH0h4",
    "https://youtube.com/watch?list=PL1&v=6NPtZSMH0h4&t=10s",
    "https://m.youtube.com/watch?v=6NPtZSMH0h4&feature=youtu.be",
    "https://youtu.be/6NPtZSMH0h4?si=abc",
    "https://www.youtube.com/embed/6NPtZSMH0h4",
    "https://www.youtube-nocookie.com/embed/6NPtZSMH0h4?rel=0",
    "https://www.youtube.com/shorts/6NPtZSMH0h4",
    "https://www.youtube.com/live/6NPtZSMH0h4/",
]
DIFFERENT = [
    "https://a.example/news/rain",
    "https://a.example/news/rain?p=1",
    "https://a.example/news/rain?p=2",
    "https://a.example/news/rain?v=a",
    "https://a.example/news/rain?v=A",
    "https://a.example/news/rain?amp=2",
    "https://a.example/amp/news/rain",
    "https://a.example/amp",
    "https://a.example/",
    "https://a.example/#!/news/rain",
    "https://a.example/#/news/rain",
    "https://a.example:8080/news/rain",
    "https://b.a.example/news/rain",
    "https://m.a.example/news/rain",
    "https://bit.ly/aB1",
    "https://bit.ly/ab1",
    "https://youtu.be/6NPtZSMH0h4",
    "https://youtu.be/6nptzsmh0h4",
    "https://youtube.com/watch",
    "https://youtube.com/watch?v=",
    "https://youtube.com/channel/UCa",
    "https://youtube.com/channel/UCA",
    "https://www.google.com/amp/",
    "https://cdn.ampproject.org/v0.js",
]


def test_all_addresses_of_one_page_are_one_alias() -> None:
    assert {canonical(url) for url in ONE_PAGE} == {"a.example/news/rain"}


def test_all_addresses_of_one_video_are_one_alias_with_its_case() -> None:
    assert {canonical(url) for url in ONE_VIDEO} == {"youtube.com/watch?v=6NPtZSMH0h4"}


def test_addresses_of_different_pages_stay_apart() -> None:
    assert len({canonical(url) for url in DIFFERENT}) == len(DIFFERENT)


@pytest.mark.parametrize(
    ("url", "alias"),
    [
        ("https://a.example/x?b=2&a=1&a=0&&c", "a.example/x?a=0&a=1&b=2&c"),
        ("https://bücher.example/Straße", "xn--bcher-kva.example/stra%c3%9fe"),
        ("https://www.com/x", "www.com/x"),
        ("https://[::1]:8080/X", "[::1]:8080/x"),
        ("https://a.example", "a.example"),
    ],
)
def test_the_spelling_of_an_alias(url: str, alias: str) -> None:
    assert canonical(url) == alias


@given(st.text(alphabet="aA1/.-_?&=#%é ", max_size=30))
def test_an_alias_is_the_alias_of_itself(tail: str) -> None:
    alias = canonical(f"https://a.example/{tail}")
    assert canonical(f"https://{alias}") == alias


@given(st.sampled_from(ONE_PAGE + ONE_VIDEO + DIFFERENT), st.text(max_size=20))
def test_any_valid_address_has_an_alias(url: str, tail: str) -> None:
    assert canonical(url + tail.encode(errors="ignore").decode())


def test_wrappings_without_end_are_cut() -> None:
    assert canonical("https://cdn.ampproject.org/c/s/" * 200 + "a.example/x")


def article(**urls: str) -> Article:
    return Article.model_validate(
        {"title": "Rain", "publishedDateTime": "2021-08-05T03:17:00Z"} | urls
    )


def test_an_articles_aliases_are_sorted_and_unique() -> None:
    one = article(
        originalUrl="https://z.example/x",
        webUrl="http://www.a.example/X/",
        ampWebUrl="https://a.example/x/amp",
        cdnAmpWebUrl="https://a-example.cdn.ampproject.org/c/s/a.example/x/amp",
    )
    assert aliases(one) == ("a.example/x", "z.example/x")


def test_the_primary_alias_is_of_the_web_address_if_there_is_one() -> None:
    urls = {
        "cdnAmpWebUrl": "https://d.example",
        "ampWebUrl": "https://c.example",
        "originalUrl": "https://b.example",
    }
    assert primary(article(**urls, webUrl="https://a.example")) == "a.example"
    assert primary(article(**urls)) == "b.example"


def test_an_article_id_never_changes() -> None:
    assert article_id("a.example/news/rain") == article_id("a.example/news/rain")
    assert re.fullmatch("a[a-z2-7]{20}", article_id("a.example/news/rain"))
    assert article_id("youtube.com/watch?v=6NPtZSMH0h4") == "afgr2rf7soi2djplz5xsj"


def test_no_alias_joins_two_real_articles(real_seeds: list[bytes]) -> None:
    """Of the 501 files two pairs name the very same page; no other two share an alias."""
    owners: dict[str, set[str]] = {}
    for article in map(parse, real_seeds):
        for alias in aliases(article):
            owners.setdefault(alias, set()).add(str(article.original_url).lower())
    assert {alias for alias, pages in owners.items() if len(pages) > 1} == set()


def test_an_amp_address_that_was_filled_in_joins_nothing():
    given = 'ampWebUrl: "https://paper.example/amp/x"\n'
    found = given + "filledIn: [ampWebUrl, title, 7]\n"
    assert len(aliases(seed(web=True, more=given))) == 2
    assert aliases(seed(web=True, more=found)) == ("paper.example/x",)


def test_an_article_keeps_an_address_whatever_it_says_was_filled_in():
    only = seed(web=False, more='ampWebUrl: "https://paper.example/amp/x"\nfilledIn: [ampWebUrl]\n')
    assert aliases(only) == ("paper.example/amp/x",)
    assert only.filled_in == frozenset()


def seed(web: bool, more: str):
    page = 'webUrl: "https://paper.example/x"\n' if web else ""
    return parse(
        f'---\ntitle: "x"\npublishedDateTime: 2026-03-02T10:00:00Z\n{page}{more}---\n'.encode()
    )
