"""One spelling for all URLs of a page, and different ones for different pages."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.article import canonical_url, fold_url, strip_amp_suffix

URLS_OF_ONE_PAGE = [
    "https://www.a.example/news/rain",
    "http://a.example/news/rain",
    "HTTPS://A.EXAMPLE:443/news/rain/",
    "http://a.example:80/news/rain//",
    "https://a.example./news/rain#comments",
    "https://a.example/news/rain#:~:text=wet",
    "https://a.example/news/rain?utm_source=x&UTM_Medium=y&fbclid=1&gclid=2",
    "https://a.example/news/rain?mc_cid=3&mc_eid=4&igshid=5&WT.mc_id=6",
    "https://a.example/news/rain?partner=rss&amp;emc=rss",
    "https://a.example/news/rain?at_medium=RSS&at_campaign=KARANGA#xtor=RSS-3",
    "https://a.example/news/rain?CMP=rss_p&ref=newsletter&source=twitter-share",
    "https://a.example/news/rain?amp",
    "https://a.example/news/rain/?amp=1",
    "https://a.example/news/rain?_amp=true",
    "https://a.example/news/rain?outputType=amp",
    "https://amp.a.example/news/rain",
    "https://m.a.example/news/rain",
    "https://www.m.a.example/news/rain",
    "https://mobile.a.example/news/rain",
    "https://a.example/amp/news/rain",
    "https://a.example/news/%72ain",
    "https://user:word@a.example/news/rain",
    "https://a-example.cdn.ampproject.org/c/s/www.a.example/amp/news/rain",
    "https://a-example.cdn.ampproject.org/c/a.example/news/rain",
    "https://a-example.cdn.ampproject.org/v/s/a.example/news/rain?amp_js_v=0.1&usqp=mq331",
    "https://a-example.cdn.ampproject.org/wp/s/a.example/news/rain",
    "https://cdn.ampproject.org/c/s/a.example/news/rain",
    "https://www.google.com/amp/s/a.example/news/rain",
    "https://www.google.co.uk/amp/s/www.a.example/news/rain?amp=1",
    "https://www.google.com/amp/s/a-example.cdn.ampproject.org/c/s/a.example/news/rain",
]
URLS_OF_ONE_VIDEO = [
    "https://www.youtube.com/watch?v=6NPtZSMH0h4",
    "https://youtube.com/watch?list=PL1&v=6NPtZSMH0h4&t=10s",
    "https://m.youtube.com/watch?v=6NPtZSMH0h4&feature=youtu.be",
    "https://youtu.be/6NPtZSMH0h4?si=abc",
    "https://www.youtube.com/embed/6NPtZSMH0h4",
    "https://www.youtube-nocookie.com/embed/6NPtZSMH0h4?rel=0",
    "https://www.youtube.com/shorts/6NPtZSMH0h4",
    "https://www.youtube.com/live/6NPtZSMH0h4/",
]
URLS_OF_DIFFERENT_PAGES = [
    "https://a.example/news/rain",
    "https://a.example/News/rain",
    "https://a.example/news/rain/amp",
    "https://a.example/news/rain#day-2",
    "https://a.example/news/rain?p=1",
    "https://a.example/news/rain?p=2",
    "https://a.example/news/rain?id=1",
    "https://a.example/news/rain?ID=2",
    "https://a.example/news/rain?ref=2021-35",
    "https://a.example/news/rain?source=1815",
    "https://a.example/news/rain?v=a",
    "https://a.example/news/rain?v=A",
    "https://a.example/news/rain?amp=2",
    "https://a.example/news/rain%2Fsnow",
    "https://a.example/news/rain/snow",
    "https://a.example/amp",
    "https://a.example/",
    "https://a.example/#!/news/rain",
    "https://a.example/#/news/rain",
    "https://a.example:8080/news/rain",
    "https://b.a.example/news/rain",
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


def test_all_urls_of_one_page_have_one_canonical_form() -> None:
    assert {canonical_url(url) for url in URLS_OF_ONE_PAGE} == {"a.example/news/rain"}


def test_all_urls_of_one_video_have_one_canonical_form_with_its_case() -> None:
    assert {canonical_url(url) for url in URLS_OF_ONE_VIDEO} == {"youtube.com/watch?v=6NPtZSMH0h4"}


def test_urls_of_different_pages_have_different_canonical_forms() -> None:
    canonical_forms = {canonical_url(url) for url in URLS_OF_DIFFERENT_PAGES}
    assert len(canonical_forms) == len(URLS_OF_DIFFERENT_PAGES)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://a.example/x?b=2&a=1&a=0&&c", "a.example/x?a=0&a=1&b=2&c"),
        ("https://bücher.example/Straße", "xn--bcher-kva.example/Stra%C3%9Fe"),
        ("https://a.example/%7Ebob/%c3%a9?q=%7e", "a.example/~bob/%C3%A9?q=~"),
        ("https://a.example/100%", "a.example/100%25"),
        ("https://a.example/x?a=1&amp;b=2", "a.example/x?a=1&b=2"),
        ("https://a.example/x.amp.html", "a.example/x.html"),
        ("https://en.m.wikinews.org/wiki/X", "en.wikinews.org/wiki/X"),
        ("https://m.youtube.com/watch?v=6NPtZSMH0h4", "youtube.com/watch?v=6NPtZSMH0h4"),
        ("https://www.com/x", "www.com/x"),
        ("https://m.example/x", "m.example/x"),
        ("https://[::1]:8080/X", "[::1]:8080/X"),
        ("https://a.example", "a.example"),
    ],
)
def test_the_spelling_of_the_canonical_form(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


TAILS = st.text(alphabet="aAmpM1/.-_?&=#%é ;!~:7E", max_size=30)
PREFIXES = st.sampled_from(
    [
        "https://a.example/",
        "https://m.amp.www.a.example/amp/",
        "http://a.example:443/",
        "https://cdn.ampproject.org/c/s/a.example/amp/",
        "https://cdn.ampproject.org/",
        "https://google.com/amp/",
        "https://youtu.be/",
    ]
)


@given(PREFIXES, TAILS | st.text(max_size=20).map(quote))
def test_a_canonical_form_is_its_own_canonical_form(prefix: str, tail: str) -> None:
    canonical = canonical_url(prefix + tail)
    assert canonical_url(f"https://{canonical}") == canonical
    folded = fold_url(canonical)
    assert fold_url(folded) == folded


@given(
    st.sampled_from(URLS_OF_ONE_PAGE + URLS_OF_ONE_VIDEO + URLS_OF_DIFFERENT_PAGES),
    st.text(max_size=20),
)
def test_any_valid_url_has_a_canonical_form(url: str, tail: str) -> None:
    canonical = canonical_url(url + tail.encode(errors="ignore").decode())
    assert canonical
    assert fold_url(canonical)
    assert strip_amp_suffix(canonical)


@pytest.mark.parametrize(
    ("canonical", "page"),
    [
        ("a.example/news/rain/amp", "a.example/news/rain"),
        ("a.example/news/rain/AMP?p=1", "a.example/news/rain?p=1"),
        ("a.example/news/rain.amp", "a.example/news/rain"),
        ("a.example/amp", "a.example/amp"),
        ("a.example/news/camp", "a.example/news/camp"),
        ("a.example/news?x=/amp", "a.example/news?x=/amp"),
    ],
)
def test_the_page_of_an_amp_version(canonical: str, page: str) -> None:
    assert strip_amp_suffix(canonical) == page


@pytest.mark.parametrize(
    ("canonical", "folded"),
    [
        ("a.example/News/Rain", "a.example/news/rain"),
        ("a.example/news?Q=A", "a.example/news?Q=A"),
        ("a.example/news/rain/amp/AMP", "a.example/news/rain"),
        ("a.example/news#day-2", "a.example/news"),
        ("a.example/#!/Day", "a.example/#!/Day"),
        ("youtube.com/watch?v=6NPtZSMH0h4", "youtube.com/watch?v=6NPtZSMH0h4"),
    ],
)
def test_what_a_folded_form_leaves_out(canonical: str, folded: str) -> None:
    assert fold_url(canonical) == folded


def test_endlessly_nested_amp_caches_are_cut_off() -> None:
    assert canonical_url("https://cdn.ampproject.org/c/s/" * 200 + "a.example/x")
