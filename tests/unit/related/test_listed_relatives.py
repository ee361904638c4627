"""Which relatives of an article are listed."""

import pytest

from services.enrichment.related.linking.listed_relatives import choose_listed

TEN = [0.9, 0.8, 0.9, 0.7, 0.9, 0.6, 0.8, 0.9, 0.9, 0.7]


@pytest.mark.parametrize("count", [0, 1, 10])
def test_up_to_ten_are_all_listed(count: int):
    assert choose_listed(TEN[:count], 15) == [*range(count)]


def test_more_must_be_as_alike_as_the_least_of_the_first_ten():
    assert choose_listed([*TEN, 0.59, 0.6, 0.3, 0.7], 15) == [*range(10), 11, 13]


def test_further_ones_do_not_lower_the_bar():
    assert choose_listed([*TEN, 0.6, 0.59], 15) == [*range(11)]


def test_no_more_than_asked_for_are_listed():
    assert choose_listed([*TEN, 0.9, 0.9], 11) == [*range(11)]
    assert choose_listed(TEN, 3) == [0, 1, 2]
