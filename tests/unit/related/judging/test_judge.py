"""The judge turns evidence into chances, by numbers that the training script wrote."""

import numpy as np
import pytest

from services.enrichment.related.features.readers import DIMENSIONS, ReaderName
from services.enrichment.related.judging.feed_statistics import load_news_direction
from services.enrichment.related.judging.judge import (
    EVIDENCE,
    Judge,
    load_judge,
    parse_judge,
    render_judge,
)

READERS: tuple[ReaderName, ...] = ("minilm", "table")


def judge_pair(judge: Judge, narrowness: float = 0.4, **columns: float) -> tuple[float, float]:
    """The chances of being related, and of one event, without common neighbours."""
    row = np.zeros((1, len(EVIDENCE)), np.float32)
    for name, value in columns.items():
        row[0, EVIDENCE.index(name)] = value
    odds = judge.own_odds(row, narrowness)
    nobody = np.zeros(1)
    related = judge.final_chances("related", odds["related"], nobody, narrowness)
    event = judge.final_chances("event", odds["event"], nobody, narrowness)
    return float(related[0]), float(event[0])


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> ReaderName:
    return request.param


def test_it_comes_back_from_its_file_as_it_was_written(reader: ReaderName):
    judge = load_judge(reader)
    assert render_judge(parse_judge(render_judge(judge))) == render_judge(judge)


def test_general_news_has_a_direction_for_each_reader(reader: ReaderName):
    assert load_news_direction(reader).shape == (DIMENSIONS[reader],)


def test_agreement_speaks_for_a_pair(reader: ReaderName):
    judge = load_judge(reader)
    weak = judge_pair(judge, similarity=0.1, words=0.1)
    strong = judge_pair(judge, similarity=0.7, words=0.6)
    assert all(high > 0.8 > 0.2 > low for high, low in zip(strong, weak, strict=True))


@pytest.mark.parametrize(
    ("column", "value"), [("days", 5.0), ("name", 1.0), ("date", 1.0), ("same_outlet", 1.0)]
)
def test_all_else_speaks_against_a_pair(reader: ReaderName, column: str, value: float):
    judge = load_judge(reader)
    before = judge_pair(judge, similarity=0.5, words=0.4)
    after = judge_pair(judge, similarity=0.5, words=0.4, **{column: value})
    assert all(low < high for low, high in zip(after, before, strict=True))


def test_a_pair_without_directions_is_judged_by_the_rest(reader: ReaderName):
    judge = load_judge(reader)
    assert judge_pair(judge, similarity=np.nan, words=0.8)[0] > 0.8
    assert judge_pair(judge, similarity=np.nan, words=0.0)[0] < 0.2


def test_a_feed_narrower_than_any_that_was_seen_counts_as_the_narrowest(reader: ReaderName):
    judge = load_judge(reader)
    columns = {"similarity": 0.4, "words": 0.3}
    assert judge_pair(judge, 0.99, **columns) == judge_pair(judge, judge.range.high, **columns)
