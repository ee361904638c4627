"""One spelling for all URLs of a page, and different ones for different pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.article import canonical_url

URLS_OF_ONE_PAGE = [
    "https://www.a.example/News/Rain",
    "http://a.example/news/rain",
    "HTTPS://A.EXAMPLE:443/news/rain/",
    "http://a.example:80/news/rain//",
    "https://a.example./news/rain#comments",
    "https://a.example/news/rain?utm_source=x&UTM_Medium=y&fbclid=1&gclid=2",
    "https://a.example/news/rain?mc_cid=3&mc_eid=4&igshid=5&WT.mc_id=6",
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
        ("https://bücher.example/Straße", "xn--bcher-kva.example/stra%c3%9fe"),
        ("https://www.com/x", "www.com/x"),
        ("https://[::1]:8080/X", "[::1]:8080/x"),
        ("https://a.example", "a.example"),
    ],
)
def test_the_spelling_of_the_canonical_form(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@given(st.text(alphabet="aA1/.-_?&=#%é ", max_size=30))
def test_a_canonical_form_is_its_own_canonical_form(tail: str) -> None:
    canonical = canonical_url(f"https://a.example/{tail}")
    assert canonical_url(f"https://{canonical}") == canonical


@given(
    st.sampled_from(URLS_OF_ONE_PAGE + URLS_OF_ONE_VIDEO + URLS_OF_DIFFERENT_PAGES),
    st.text(max_size=20),
)
def test_any_valid_url_has_a_canonical_form(url: str, tail: str) -> None:
    assert canonical_url(url + tail.encode(errors="ignore").decode())


def test_endlessly_nested_amp_caches_are_cut_off() -> None:
    assert canonical_url("https://cdn.ampproject.org/c/s/" * 200 + "a.example/x")
