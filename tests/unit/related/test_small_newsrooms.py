"""A newsroom of a few short titles: a town's name alone relates no two articles."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.features.readers import Reader, ReaderName, load_reader
from services.enrichment.related.features.sentence_model import DEFAULT_FOLDER, is_installed
from services.enrichment.related.features.signature_builder import SignatureBuilder
from services.enrichment.related.judging.feed_statistics import compute_statistics
from services.enrichment.related.judging.judge import load_judge
from services.enrichment.related.neighbours.pair_evidence import collect_evidence
from services.enrichment.related.settings import PRESETS
from tests.unit.related.articles import build_article

needs_model = pytest.mark.skipif(
    not is_installed(DEFAULT_FOLDER), reason="the sentence model is not installed: make model"
)
READERS = ["table", pytest.param("minilm", marks=needs_model)]

TOWNS = [
    ["Fire in Lowmarsh", "Lowmarsh bakery wins award", "Lowmarsh school closes"],
    ["Lowmarsh gets a new bridge", "Flood warning for Lowmarsh"],
    ["Market opens in Pelmoor", "Pelmoor school closed"],
    ["Kestleby elects a new mayor", "Kestleby hospital opens new ward"],
    ["Storm damages roofs in Thornwick", "Thornwick celebrates its harbour"],
    ["Thornwick marathon draws record number of runners", "Police in Thornwick seek witnesses"],
    ["Library in Oakhurst gets 3,000 new books", "Oakhurst farmers protest against new dam"],
    ["Mayor of Stavering resigns over expenses", "Stavering beat Norden in cup final"],
]
EVENTS = [
    [
        "Lorry overturns near Pelmoor, blocks ring road",
        "Pelmoor ring road open after lorry crash",
    ],
    ["Lowmarsh school closes after water pipe bursts", "Burst pipe floods Lowmarsh school gym"],
    [
        "Mayor of Stavering resigns over expenses",
        "Stavering elects new mayor after expenses affair",
    ],
    ["Kestleby hospital opens new children's ward", "First patients in Kestleby's children's ward"],
]


async def find_chances(titles: Sequence[str], name: ReaderName) -> list[float]:
    """The chances of being related of all pairs, in a newsroom that has nothing else."""
    reader = load_reader("on", DEFAULT_FOLDER) if name == "minilm" else Reader("table")
    articles = [build_article(f"a{place}", title) for place, title in enumerate(titles)]
    features = FeatureCache(reader, await SignatureBuilder(reader).build(articles))
    statistics, judge = compute_statistics([], reader), load_judge(name)
    pairs = np.array([*combinations(range(len(titles)), 2)], np.int32)
    a, b = pairs[:, 0], pairs[:, 1]
    projections = features.directions_of(slice(len(titles))) @ statistics.centre
    evidence = statistics.center_evidence(
        collect_evidence(features, a, b), projections[a], projections[b]
    )
    odds = judge.own_odds(evidence, statistics.narrowness)["related"]
    alone = np.zeros(len(pairs))
    return judge.final_chances("related", odds, alone, statistics.narrowness).tolist()


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("titles", TOWNS, ids=lambda titles: titles[0])
async def test_articles_that_share_a_town_alone_are_not_related(
    titles: list[str], reader: ReaderName
):
    assert max(await find_chances(titles, reader)) < PRESETS["balanced"]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("titles", EVENTS, ids=lambda titles: titles[0])
async def test_short_reports_of_one_event_in_a_town_are_related(
    titles: list[str], reader: ReaderName
):
    assert min(await find_chances(titles, reader)) >= PRESETS["balanced"]
