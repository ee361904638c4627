"""The AMP cache's rule, by the vectors of its authors and by real seeds."""

import pytest

from shared.article import parse
from shared.article.amp_cache import cached_address, prefix
from tests.real_data import real_seeds


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
    assert prefix(domain) == label
    assert len(label) <= 63


@pytest.mark.parametrize(
    ("page", "address"),
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
def test_a_page_has_an_address_in_the_cache(page: str, address: str):
    assert cached_address(page) == address


def test_a_page_on_another_port_is_in_no_cache():
    assert cached_address("https://example.com:8443/x") is None


def test_real_seeds_have_the_address_that_the_rule_gives():
    pairs = [
        (a.amp_web_url, a.cdn_amp_web_url)
        for content in real_seeds().values()
        if (a := parse(content))
    ]
    given = [(amp, cached) for amp, cached in pairs if amp and cached]
    assert len(given) > 20
    assert [cached for amp, cached in given if cached_address(amp) != cached] == []
