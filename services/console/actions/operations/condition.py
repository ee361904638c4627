"""How the newsroom is, in a sentence, and what is unwell. Pure: judges one sample.

The sentence names the worst first: an engine that is away stops everything, a stage that is behind
delays what comes after it, a process that is lost may only be the cause of that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from services.console.actions.operations.standstill import (
    LIVE_STATES,
    find_standstills,
    format_duration,
)
from services.console.counts import format_count
from services.console.sampling.samples import EngineSample, Sample, StageSample, WorkerSample
from services.console.sampling.stages import name_service

Level = Literal["good", "warn", "bad", "unknown"]

# One batch of pictures from slow hosts takes as long, and nobody needs to look.
BEHIND_AFTER: Final = timedelta(seconds=30)
BADLY_BEHIND_AFTER: Final = timedelta(minutes=5)
WORKING_SERVICES: Final = ("ingest", "images", "related", "publishing")
SAFE: Final = "nothing is lost"

KINDS: Final = ("engine-away", "behind", "lost", "halted", "standstill")
"""The kinds of trouble: sections of the runbook, as links name them."""


@dataclass(frozen=True)
class Trouble:
    """Something unwell, in a sentence. *kind* is the section of the runbook about it."""

    kind: str
    sentence: str
    is_bad: bool = True


@dataclass(frozen=True)
class Condition:
    """How it is: *before*, the moment *since* if there is one, and *after* make a sentence."""

    level: Level
    before: str
    since: datetime | None = None
    after: str = ""
    troubles: Sequence[Trouble] = ()


def judge_condition(sample: Sample | None, at: datetime) -> Condition:
    """The condition at *at*, by the latest *sample*."""
    if sample is None:
        return Condition("unknown", "Nothing is measured yet: the first numbers come in seconds.")
    troubles = find_troubles(sample, at)
    away = [engine for engine in sample.engines if not engine.is_up]
    if away:
        return _describe_away(away, troubles)
    if sample.workers and not _find_live(sample.workers, ""):
        sentence = f"No service runs: what is dropped waits in Kafka; {SAFE}."
        return Condition("bad", sentence, troubles=troubles)
    behind = find_behind(sample.stages)
    if behind:
        return _describe_behind(behind[0], sample, at, troubles)
    if troubles:
        others = f"; {len(troubles) - 1} more below" if len(troubles) > 1 else ""
        sentence = f"{troubles[0].sentence}{others}; {SAFE}."
        return Condition("bad" if troubles[0].is_bad else "warn", sentence, troubles=troubles)
    return _describe_work(sample)


def find_troubles(sample: Sample, at: datetime) -> list[Trouble]:
    """Everything that is unwell, the worst first."""
    troubles = [
        Trouble("engine-away", f"{_capitalise(engine.name)} is away: {engine.problem}")
        for engine in sample.engines
        if not engine.is_up
    ]
    for worker in sample.workers:
        trouble = _find_ended(worker)
        if trouble:
            troubles.append(trouble)
    lags = {stage.name: stage.waiting for stage in sample.stages}
    processes = [(worker.heartbeat, worker.state) for worker in sample.workers]
    troubles += [
        Trouble("standstill", standstill.sentence)
        for standstill in find_standstills(processes, lags, at)
    ]
    for stage in find_behind(sample.stages):
        age = format_duration(timedelta(seconds=stage.oldest_seconds))
        is_bad = timedelta(seconds=stage.oldest_seconds) > BADLY_BEHIND_AFTER
        records = format_count(stage.waiting, "record waits", "records wait")
        sentence = f"{stage.name} is {age} behind: {records}"
        troubles.append(Trouble("behind", sentence, is_bad))
    return troubles


def find_behind(stages: Sequence[StageSample]) -> list[StageSample]:
    """The stages whose oldest record has waited too long, the longest first."""
    limit = BEHIND_AFTER.total_seconds()
    behind = [stage for stage in stages if stage.waiting and stage.oldest_seconds > limit]
    return sorted(behind, key=lambda stage: -stage.oldest_seconds)


def name_process(worker: WorkerSample) -> str:
    """`images-2`, as `seedwire up` names it, or else the instance as it calls itself."""
    number = worker.heartbeat.instance.rpartition("-")[2]
    if number.isdecimal() and len(number) <= 2:
        return f"{worker.heartbeat.service}-{number}"
    return worker.heartbeat.instance


def _describe_away(away: Sequence[EngineSample], troubles: Sequence[Trouble]) -> Condition:
    names = " and ".join(engine.name for engine in away)
    verb = "has" if len(away) == 1 else "have"
    return Condition(
        level="bad",
        before=f"{_capitalise(names)} {verb} been away since ",
        since=min(engine.since for engine in away),
        after=f": everything waits; {SAFE}.",
        troubles=troubles,
    )


def _describe_behind(
    stage: StageSample, sample: Sample, at: datetime, troubles: Sequence[Trouble]
) -> Condition:
    age = timedelta(seconds=stage.oldest_seconds)
    least = "at least " if stage.is_oldest_at_least else ""
    return Condition(
        level="bad" if age > BADLY_BEHIND_AFTER else "warn",
        before=f"{_capitalise(stage.name)} is {least}{format_duration(age)} behind since ",
        since=at - age,
        after=f": {_explain_behind(stage, sample)}; {SAFE}.",
        troubles=troubles,
    )


def _explain_behind(stage: StageSample, sample: Sample) -> str:
    service = name_service(stage.name)
    workers = [worker for worker in sample.workers if worker.heartbeat.service == service]
    ended = [worker for worker in workers if worker.state in ("lost", "halted", "failed")]
    if ended:
        named = [f"{name_process(worker)} {_say_state(worker.state)}" for worker in ended[:3]]
        return ", ".join(named)
    if not _find_live(workers, service):
        return "no process of it works"
    if stage.drain_seconds:
        return f"it is through in {format_duration(timedelta(seconds=stage.drain_seconds))}"
    return "it does not get less"


def _describe_work(sample: Sample) -> Condition:
    waiting = sum(stage.waiting for stage in sample.stages)
    if not waiting:
        return Condition("good", "All is quiet: everything that was dropped is through.")
    oldest = max(stage.oldest_seconds for stage in sample.stages)
    age = format_duration(timedelta(seconds=oldest))
    records = "record is" if waiting == 1 else "records are"
    sentence = f"All is well: {waiting:,} {records} on the way, the oldest for {age}."
    return Condition("good", sentence)


def _find_ended(worker: WorkerSample) -> Trouble | None:
    name, note = name_process(worker), worker.heartbeat.note
    reason = f": {note}" if note else ""
    if worker.state == "lost":
        return Trouble("lost", f"{name} is lost: it fell silent without an end", is_bad=False)
    if worker.state == "halted":
        return Trouble("halted", f"{name} halted{reason}")
    if worker.state == "failed":
        return Trouble("lost", f"{name} failed{reason}", is_bad=False)
    return None


def _find_live(workers: Sequence[WorkerSample], service: str) -> bool:
    """Whether a process of the service lives, or, without a name, one of any that consumes."""
    services = (service,) if service else WORKING_SERVICES
    return any(
        worker.state in LIVE_STATES and worker.heartbeat.service in services for worker in workers
    )


def _say_state(state: str) -> str:
    return "is lost" if state == "lost" else state


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]
