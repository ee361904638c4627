"""URLs in the AMP cache, by its authors' test vectors and by real seeds."""

import pytest

from shared.article import parse_seed
from shared.article.identity.amp_cache import amp_cache_url, cache_subdomain
from tests.real_data import load_real_seeds


@pytest.mark.parametrize(
    ("domain", "label"),
    [
        ("something.com", "something-com"),
        ("hello-world.com", "hello--world-com"),
        ("hello--world.com", "hello----world-com"),
        ("en-us.example.com", "0-en--us-example-com-0"),
        ("toplevelnohyphens", "qsgpfjzulvuaxb66z77vlhb5gu2irvcnyp6t67cz6tqo5ae6fysa"),
        ("no-dot-domain", "4lxc7wqq7b25walg4rdiil62veijrmqui5z3ept2lyfqqwpowryq"),
        (
            "itwasadarkandstormynight.therainfellintorrents.exceptatoccasionalintervalswhenitwascheckedby"
            ".aviolentgustofwindwhichsweptupthestreets.com",
            "dgz4cnrxufaulnwku4ow5biptyqnenjievjht56hd7wqinbdbteq",
        ),
        ("xn--bcher-kva.ch", "xn--bcher-ch-65a"),
        (
            "xn--4gbrim.xn----rmckbbajlc6dj7bxne2c.xn--wgbh1c",
            "xn-------i5fvcbaopc6fkc0de0d9jybegt6cd",
        ),
        (
            "hello.xn--4gbrim.xn----rmckbbajlc6dj7bxne2c.xn--wgbh1c",
            "a6h5moukddengbsjm77rvbosevwuduec2blkjva4223o4bgafgla",
        ),
    ],
)
def test_a_domain_becomes_one_label(domain: str, label: str):
    assert cache_subdomain(domain) == label
    assert len(label) <= 63


@pytest.mark.parametrize(
    ("page", "cached"),
    [
        (
            "https://www.example.com/",
            "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/",
        ),
        (
            "http://www.example.com/a.html",
            "https://www-example-com.cdn.ampproject.org/c/www.example.com/a.html",
        ),
        (
            "https://example.com/g?v=a%20b#c",
            "https://example-com.cdn.ampproject.org/c/s/example.com/g?v=a%20b",
        ),
        ("https://點看.com/", "https://xn---com-k47jg78q.cdn.ampproject.org/c/s/xn--c1yn36f.com/"),
    ],
)
def test_a_page_has_a_url_in_the_cache(page: str, cached: str):
    assert amp_cache_url(page) == cached


def test_a_page_on_another_port_is_in_no_cache():
    assert amp_cache_url("https://example.com:8443/x") is None


def test_real_seeds_have_the_url_that_the_rules_give():
    given = []
    for content in load_real_seeds().values():
        article = parse_seed(content)
        if article.amp_web_url and article.cdn_amp_web_url:
            given.append((article.amp_web_url, article.cdn_amp_web_url))
    assert len(given) > 20
    for amp_url, cached in given:
        assert amp_cache_url(amp_url) == cached
