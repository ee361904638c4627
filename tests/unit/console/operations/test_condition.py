"""How the newsroom is, in a sentence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.console.actions.operations.condition import (
    KINDS,
    find_troubles,
    judge_condition,
    name_process,
)
from services.console.sampling.samples import (
    KAFKA,
    STORE,
    EngineSample,
    Sample,
    StageSample,
    WorkerSample,
)
from services.console.web.pages.runbook import make_anchor
from shared.store import Heartbeat
from tests.conftest import ROOT

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def make_stage(name: str = "publishing", **fields: Any) -> StageSample:
    stage = StageSample(
        name=name,
        waiting=0,
        oldest_seconds=0,
        is_oldest_at_least=False,
        in_per_second=1.0,
        out_per_second=1.0,
        drain_seconds=0,
        entered=10,
        committed=10,
    )
    return replace(stage, **fields)


def make_worker(service: str = "publishing", state: str = "working", **fields: Any) -> WorkerSample:
    heartbeat = Heartbeat(
        instance=f"{service}-desk-1a2b3c-2",
        service=service,
        host="desk",
        pid=1,
        state=state,
        at=NOON,
        lag=0,
        counts={},
        note="",
    )
    return WorkerSample(replace(heartbeat, **fields), state)


def make_sample(
    *stages: StageSample, workers: tuple[WorkerSample, ...] = (), away: str = ""
) -> Sample:
    engines = tuple(
        EngineSample(name, name != away, NOON - timedelta(minutes=9), "no answer")
        for name in (KAFKA, STORE)
    )
    return Sample(at=NOON, engines=engines, stages_at=NOON, stages=stages, workers=workers)


def say(sample: Sample | None) -> str:
    """The sentence, with its moment as hours and minutes."""
    condition = judge_condition(sample, NOON)
    moment = condition.since.strftime("%H:%M") if condition.since else ""
    return f"{condition.before}{moment}{condition.after}"


WORKING = (make_worker(), make_worker("images"))
BEHIND = make_stage(waiting=40, oldest_seconds=240, drain_seconds=None)


def test_before_anything_is_measured_it_is_unknown():
    assert judge_condition(None, NOON).level == "unknown"


def test_while_nothing_waits_all_is_quiet():
    assert say(make_sample(make_stage(), workers=WORKING)).startswith("All is quiet")


def test_work_on_its_way_is_no_trouble():
    sample = make_sample(make_stage(waiting=3, oldest_seconds=12), workers=WORKING)
    assert say(sample) == "All is well: 3 records are on the way, the oldest for 12 s."


def test_a_stage_that_is_behind_is_named_with_its_cause_and_since_when():
    lost = make_worker(state="lost")
    assert say(make_sample(BEHIND, workers=(lost, *WORKING))) == (
        "Publishing is 4 min behind since 11:56: publishing-2 is lost; nothing is lost."
    )


def test_a_stage_without_a_process_says_so():
    sample = make_sample(BEHIND, workers=(make_worker("images"),))
    assert "no process of it works" in say(sample)


def test_a_stage_that_catches_up_says_when_it_is_through():
    sample = make_sample(replace(BEHIND, drain_seconds=180.0), workers=WORKING)
    assert "it is through in 3 min; nothing is lost" in say(sample)


def test_an_age_that_may_be_greater_is_called_at_least():
    sample = make_sample(replace(BEHIND, is_oldest_at_least=True), workers=WORKING)
    assert say(sample).startswith("Publishing is at least 4 min behind")


def test_of_several_stages_the_one_that_is_furthest_behind_is_named():
    older = make_stage("images.fetch", waiting=1, oldest_seconds=900)
    assert say(make_sample(BEHIND, older, workers=WORKING)).startswith("Images.fetch is 15 min")


def test_an_engine_that_is_away_comes_before_all_else():
    sample = make_sample(BEHIND, workers=WORKING, away=KAFKA)
    assert say(sample) == "Kafka has been away since 11:51: everything waits; nothing is lost."
    assert judge_condition(sample, NOON).level == "bad"


def test_where_no_service_runs_that_is_said():
    stopped = make_worker(state="stopped")
    assert say(make_sample(make_stage(), workers=(stopped,))).startswith("No service runs")


def test_a_halted_process_is_trouble_although_nothing_is_behind():
    halted = make_worker("ingest", state="halted", note="too many invalid records")
    sample = make_sample(make_stage(), workers=(halted, *WORKING))
    assert "ingest-2 halted: too many invalid records" in say(sample)
    (trouble,) = find_troubles(sample, NOON)
    assert (trouble.kind, trouble.is_bad) == ("halted", True)


def test_every_kind_of_trouble_has_a_section_of_its_own():
    workers = (make_worker(state="lost"), make_worker("ingest", state="halted"), *WORKING)
    kinds = {each.kind for each in find_troubles(make_sample(BEHIND, workers=workers), NOON)}
    assert kinds == {"lost", "halted", "behind"}


def test_the_runbook_has_a_section_for_every_kind():
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    headings = [line[3:] for line in runbook.splitlines() if line.startswith("## ")]
    assert {*KINDS} <= {make_anchor(heading) for heading in headings}


def test_a_process_that_stopped_in_order_is_no_trouble():
    workers = (make_worker(state="stopped"), *WORKING)
    assert find_troubles(make_sample(make_stage(), workers=workers), NOON) == []


def test_a_process_in_a_container_keeps_its_own_name():
    worker = make_worker(instance="publishing-0f9c1d2e3a4b")
    assert name_process(worker) == "publishing-0f9c1d2e3a4b"
    assert name_process(make_worker()) == "publishing-2"
