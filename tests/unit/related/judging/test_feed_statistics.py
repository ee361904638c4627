"""The statistics of a feed depend on its articles alone, and move slowly."""

import random

import numpy as np
import pytest

from services.enrichment.related.features.readers import Reader
from services.enrichment.related.judging.feed_statistics import (
    FORMULA,
    MAX_BASIS,
    MIN_BASIS,
    YOUNG_NARROWNESS,
    FeedStatistics,
    choose_basis,
    compute_statistics,
    load_news_direction,
    pack_statistics,
    unpack_statistics,
)
from services.enrichment.related.judging.judge import EVIDENCE, SIMILARITY, load_judge

TABLE = Reader("table")


def draw_directions(count: int, seed: int = 1) -> list[bytes]:
    dice = np.random.default_rng(seed)
    return [dice.integers(-60, 90, 64).astype(np.int8).tobytes() for _ in range(count)]


class TestTheBasis:
    def test_of_a_young_feed_is_empty(self):
        assert choose_basis(MIN_BASIS - 1).limit == 0

    def test_is_the_same_until_there_are_twice_as_many_articles(self):
        for count in (64, 100, 127):
            skip, limit = choose_basis(count)
            assert (count - skip, limit) == (64, 64)
        assert choose_basis(128) == (0, 128)

    def test_of_a_large_feed_moves_by_thousands(self):
        for count in (8192, 12_000, 12_799):
            skip, limit = choose_basis(count)
            assert (count - skip, limit) == (8192, MAX_BASIS)
        skip, limit = choose_basis(12_800)
        assert (12_800 - skip, limit) == (12_288, MAX_BASIS)


class TestTheStatistics:
    def test_do_not_depend_on_the_order_of_articles(self):
        directions = draw_directions(300)
        shuffled = random.Random(2).sample(directions, len(directions))
        first, second = (compute_statistics(part, TABLE) for part in (directions, shuffled))
        assert first.is_same_as(second)

    def test_of_no_articles_are_those_of_general_news_in_a_narrow_feed(self):
        statistics = compute_statistics([], TABLE)
        assert statistics.narrowness == YOUNG_NARROWNESS > load_judge("table").range.neutral
        assert statistics.centre == pytest.approx(load_news_direction("table"), abs=1e-4)

    def test_leave_out_articles_that_could_not_be_read(self):
        directions = draw_directions(100)
        with_empty = compute_statistics([*directions, b"", b""], TABLE)
        assert with_empty.is_same_as(compute_statistics(directions, TABLE))

    def test_of_articles_that_agree_are_narrower(self):
        wide = compute_statistics(draw_directions(500), TABLE)
        narrow = compute_statistics(draw_directions(1) * 500, TABLE)
        assert narrow.narrowness > wide.narrowness

    def test_lean_on_general_news_in_a_young_feed_and_hardly_in_one_of_some_hundred(self):
        own = draw_directions(1)
        news = load_news_direction("table")
        centres = [compute_statistics(own * count, TABLE).centre for count in (64, 512, 4096)]
        young, grown, old = (float(np.linalg.norm(centre - news)) for centre in centres)
        assert old / 3 < young < old * 2 / 3
        assert grown > old * 0.9

    def test_are_those_of_formula_7(self):
        """Workers that compute others need another formula number: docs/decisions/0063."""
        statistics = compute_statistics(draw_directions(100), TABLE)
        assert FORMULA.number == 7
        assert statistics.narrowness == pytest.approx(0.6093, abs=1e-4)
        assert statistics.centre[:3] == pytest.approx([0.0766, 0.0293, 0.0737], abs=1e-4)

    def test_come_back_from_the_store_as_they_were(self):
        statistics = compute_statistics(draw_directions(80), TABLE)
        again = unpack_statistics(pack_statistics(statistics, TABLE))
        assert again.is_same_as(statistics)


def test_a_similarity_is_centred_without_the_directions_themselves():
    dice = np.random.default_rng(3)
    directions = dice.normal(size=(2, 64)).astype(np.float32) + 0.5
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    centre = np.full(64, 0.05, np.float32)
    statistics = FeedStatistics(centre, 0.4)
    evidence = np.zeros((1, len(EVIDENCE)), np.float32)
    evidence[0, SIMILARITY] = directions[0] @ directions[1]
    projections = directions @ centre
    centred = statistics.center_evidence(evidence, projections[:1], projections[1:])
    a, b = statistics.center_directions(directions)
    assert centred[0, SIMILARITY] == pytest.approx(float(a @ b), abs=1e-5)
    assert evidence[0, SIMILARITY] != centred[0, SIMILARITY]
