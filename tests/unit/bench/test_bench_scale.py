"""The feed that fills a store for the benchmark of scale."""

from datetime import timedelta
from itertools import islice, pairwise

from services.enrichment.related.features.signature import MAX_TERMS, build_signature
from tests.bench.scale.feed import START, replicate
from tests.unit.related.features.headlines import build_stored_article, load_headlines

NOISE = [
    build_signature(build_stored_article(number, headline.title))
    for number, headline in enumerate(load_headlines())
    if headline.language == "en"
]


def test_the_feed_is_the_same_every_time_in_order_and_as_dense_as_asked():
    signatures = list(islice(replicate(NOISE, per_day=24), 200))
    assert signatures == list(islice(replicate(NOISE, per_day=24), 200))
    expected = [START + timedelta(hours=number) for number in range(200)]
    assert [signature.published_at for signature in signatures] == expected
    assert len({signature.article_id for signature in signatures}) == 200


def test_two_copies_of_one_article_are_not_alike():
    copies = list(islice(replicate(NOISE[:1], per_day=24), 400))
    shared = [len(a.vector.keys() & b.vector.keys()) / len(a.vector) for a, b in pairwise(copies)]
    assert 0.2 < sum(shared) / len(shared) < 0.8
    assert all(0 < len(copy.terms) <= MAX_TERMS for copy in copies)
