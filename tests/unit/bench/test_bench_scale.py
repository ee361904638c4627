"""The feed that fills a store for the benchmark of scale."""

from datetime import timedelta
from itertools import islice, pairwise

from services.enrichment.related.features.signature import TERMS, sign
from tests.bench.scale.feed import START, feed
from tests.unit.related.headlines import headlines, stored

NOISE = [
    sign(stored(number, one.title))
    for number, one in enumerate(headlines())
    if one.language == "en"
]


def test_the_feed_is_the_same_every_time_in_order_and_as_dense_as_asked():
    found = list(islice(feed(NOISE, a_day=24), 200))
    assert found == list(islice(feed(NOISE, a_day=24), 200))
    assert [one.published_at for one in found] == [
        START + timedelta(hours=number) for number in range(200)
    ]
    assert len({one.article_id for one in found}) == 200


def test_two_copies_of_one_article_are_not_alike():
    copies = list(islice(feed(NOISE[:1], a_day=24), 400))
    shared = [
        len(one.vector.keys() & two.vector.keys()) / len(one.vector)
        for one, two in pairwise(copies)
    ]
    assert 0.2 < sum(shared) / len(shared) < 0.8
    assert all(0 < len(one.terms) <= TERMS for one in copies)
