"""Which formula holds while workers of several versions run, and once they have ended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.enrichment.related.judging.feed_statistics import FORMULA
from services.enrichment.related.linking.formula_precedence import (
    FIRST_NUMBERED,
    describe_precedence,
    find_preceding_workers,
)
from shared.store import FeedSnapshot, Heartbeat
from shared.store.layout import LAYOUT, SCHEMA, STEPS

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWN = FORMULA.number
UNNUMBERED, NEWER = 0, SCHEMA + 1  # a formula that came with the next step


def a_worker(schema: int, service: str = "related", state: str = "working") -> Heartbeat:
    return Heartbeat(f"{service}-1", service, "host", 42, state, NOW, schema=schema)


def is_preceded(formula: int, *workers: Heartbeat) -> bool:
    snapshot = FeedSnapshot(5, "table", b"", 0.4, formula=formula)
    return bool(find_preceding_workers(snapshot, workers, NOW, FORMULA))


class TestWhilePublishersOfAnotherFormulaRun:
    def test_versions_that_number_no_formula_are_followed(self):
        assert is_preceded(UNNUMBERED, a_worker(LAYOUT))
        assert is_preceded(UNNUMBERED, a_worker(FIRST_NUMBERED - 1))

    def test_the_newest_formula_is_followed(self):
        assert is_preceded(NEWER, a_worker(NEWER), a_worker(SCHEMA))
        assert is_preceded(NEWER, a_worker(NEWER + 1))

    def test_an_older_numbered_formula_is_replaced(self):
        assert not is_preceded(OWN - 1, a_worker(OWN - 1))

    def test_nobody_waits_for_the_own_formula(self):
        assert not is_preceded(OWN, a_worker(LAYOUT), a_worker(NEWER))


class TestOnceTheyHaveEnded:
    @pytest.mark.parametrize("formula", [UNNUMBERED, NEWER])
    def test_their_formula_is_replaced(self, formula: int):
        assert not is_preceded(formula)
        assert not is_preceded(formula, a_worker(SCHEMA))

    @pytest.mark.parametrize("state", ["stopped", "failed", "halted"])
    def test_an_ended_worker_does_not_count(self, state: str):
        assert not is_preceded(UNNUMBERED, a_worker(LAYOUT, state=state))

    def test_a_silent_worker_does_not_count(self):
        silent = replace(a_worker(LAYOUT), at=NOW - timedelta(minutes=1))
        assert not is_preceded(UNNUMBERED, silent)

    def test_other_services_keep_no_statistics(self):
        assert not is_preceded(UNNUMBERED, a_worker(LAYOUT, service="images"))


def test_a_formula_is_numbered_by_the_step_that_came_with_it():
    assert {FIRST_NUMBERED, OWN} <= STEPS.keys()


def test_the_log_names_whom_a_worker_follows_and_what_to_do():
    sentence = describe_precedence([a_worker(LAYOUT)])
    assert "related-1" in sentence
    assert "seedwire upgrade" in sentence
