"""Which listings an audit finds fault with."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.console.audit.breaches import Promise
from services.console.audit.checks.listing_checks import check_listing
from services.console.audit.repairs.repair_actions import RebuildListing
from shared.store import Listing
from shared.store.listing_content import describe_content
from tests.contract.store.builders import a_decision, an_article

SEED = b"""---
title: Docks
publishedDateTime: 2026-03-02T12:00:00.123456Z
webUrl: https://paper.example/x
topics: [Ports]
---
"""
ARTICLE = an_article("a1", seed=SEED)
DECISION = a_decision("a1", published=True, heat=80, revision=1)
CONTENT = describe_content(ARTICLE)
LISTING = Listing(
    article_id="a1",
    version=1,
    title="Docks",
    slug="2026-03-02-docks",
    published_at=CONTENT.published_at,
    provider="",
    topics=("Ports",),
    quality=None,
    is_published=True,
    heat=80,
    lead="a1",
    revision=1,
)


def test_one_that_repeats_seed_and_decision_is_right():
    assert [*check_listing(ARTICLE, DECISION, LISTING)] == []


def test_a_store_may_keep_milliseconds():
    cut = LISTING._replace(published_at=LISTING.published_at - timedelta(microseconds=456))
    assert [*check_listing(ARTICLE, DECISION, cut)] == []


@pytest.mark.parametrize(
    "listing",
    [
        None,
        LISTING._replace(title="Another"),
        LISTING._replace(heat=79),
        LISTING._replace(is_published=False),
        LISTING._replace(version=2),
        LISTING._replace(published_at=LISTING.published_at + timedelta(seconds=1)),
    ],
)
def test_one_that_is_missing_or_says_something_else_is_written_anew(listing: Listing | None):
    (breach,) = check_listing(ARTICLE, DECISION, listing)
    assert breach.promise == Promise.LISTED
    assert breach.repair_action == RebuildListing("a1")


def test_a_decision_under_way_need_not_be_listed():
    pending = replace(ARTICLE, pending=frozenset({"decision"}))
    undecided = LISTING._replace(is_published=False, heat=None, lead="", revision=0)
    assert [*check_listing(pending, DECISION, undecided)] == []
