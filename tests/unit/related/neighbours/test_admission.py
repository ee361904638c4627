"""Comparing fewer titles changes no neighbour list."""

import random

import numpy as np

from services.enrichment.related.judging.judge import load_judge
from services.enrichment.related.neighbours.admission import find_admitted
from services.enrichment.related.neighbours.neighbour_lists import BEST, merge_entries
from services.enrichment.related.neighbours.pair_evidence import find_near
from shared.store import Neighbour, NeighbourList
from tests.unit.related.articles import cache, sign

JUDGE = load_judge("table")
WORDS = """comet brightens over Pelmoor harbour while Vaskell crane strike votes Tuesday Wednesday
    Torvald Belgrave quake tremor goal dock lantern baker tram night 12 40 1000"""
ARTICLES = 90


def build_features(dice: random.Random):
    signatures = []
    for number in range(ARTICLES):
        title = "Comet Vaskell " + " ".join(dice.sample(WORDS.split(), dice.randint(1, 5)))
        signatures.append(sign(f"a{number}", title, days=dice.uniform(0, 3)))
    return cache(signatures)


def build_pairs(articles: list[int]) -> tuple[np.ndarray, np.ndarray]:
    lefts, rights = [], []
    for article in articles:
        others = [other for other in range(ARTICLES) if other != article]
        lefts += [article] * len(others)
        rights += others
    return np.array(lefts, np.int32), np.array(rights, np.int32)


def fill_lists(lists: dict[int, NeighbourList], pairs, found) -> dict[int, NeighbourList]:
    """*lists* with the pairs found, as the store merges them."""
    places, nearness, evidence = found
    entries: dict[int, dict[str, Neighbour]] = {}
    for place, score, row in zip(places.tolist(), nearness.tolist(), evidence, strict=True):
        a, b = pairs[0][place].item(), pairs[1][place].item()
        neighbour = Neighbour(score, row.tobytes())
        entries.setdefault(a, {})[f"a{b}"] = neighbour
        entries.setdefault(b, {})[f"a{a}"] = neighbour
    filled = dict(lists)
    for number, changed in entries.items():
        filled[number] = merge_entries(lists.get(number, NeighbourList()), changed)[0]
    return filled


def list_limits(lists: dict[int, NeighbourList], rights: np.ndarray) -> np.ndarray:
    limits = []
    for number in rights.tolist():
        scores = lists.get(number, NeighbourList()).scores
        limits.append(scores[BEST - 1] if len(scores) >= BEST else -np.inf)
    return np.array(limits)


def test_the_lists_are_those_of_comparing_all_titles():
    for seed in range(10):
        features = build_features(random.Random(seed))
        old = build_pairs([*range(60)])
        lists = fill_lists({}, old, find_near(features, JUDGE, *old))
        for article in range(60, 64):
            del lists[article - 60]  # some have none yet
            new = build_pairs([article])
            limits = list_limits(lists, new[1])
            admitted = find_admitted(features, JUDGE, *new, limits)
            expected = fill_lists(lists, new, find_near(features, JUDGE, *new))
            lists = fill_lists(lists, new, admitted)
            assert lists == expected


def test_pairs_that_no_list_takes_are_left_out():
    features = build_features(random.Random(1))
    pairs = build_pairs([70, 71])
    nobody_takes = np.full(len(pairs[0]), np.inf)
    places, _, _ = find_admitted(features, JUDGE, *pairs, nobody_takes)
    all_places, _, _ = find_near(features, JUDGE, *pairs)
    assert 2 * BEST <= len(places) < len(all_places)
