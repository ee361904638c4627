"""Which relatives of an article the stream lists: the ten best, and a few that are close."""

from services.enrichment.related.stream import CLOSE, select_listed
from shared.store import Link


def links(*likenesses: float) -> list[Link]:
    return [Link("a", f"b{n:02}", 0.9, likeness=each) for n, each in enumerate(likenesses)]


def test_ten_are_listed_however_unlike_the_article():
    few = links(*[0.1] * 10)
    assert select_listed(few) == few


def test_beyond_ten_only_those_that_are_close_are_listed():
    many = links(*[0.9] * 11, CLOSE, CLOSE - 0.001, 0.3)
    assert select_listed(many) == many[:12]


def test_no_more_than_fifteen_are_listed():
    many = links(*[0.9] * 40)
    assert select_listed(many) == many[:15]


def test_an_article_without_links_lists_nobody():
    assert select_listed([]) == []
