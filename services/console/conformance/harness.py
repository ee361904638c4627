"""Plays every scenario for one consumer."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.console.conformance.kafka_under_test import KafkaUnderTest
from services.console.conformance.scenarios import SCENARIOS, Need, Scenario
from services.console.conformance.stage import Stage


@dataclass(frozen=True)
class Result:
    """What a consumer got wrong in one scenario; or why that was not played."""

    scenario: str
    faults: Sequence[str] = ()
    left_out: str = ""

    @property
    def status(self) -> str:
        if self.left_out:
            return "left out"
        return "failed" if self.faults else "passed"


async def run_scenarios(
    kafkas: Sequence[KafkaUnderTest],
    command: Sequence[str],
    folder: Path,
    timeout: float,
    names: Sequence[str] = (),
) -> AsyncIterator[Result]:
    """Each scenario on the first of *kafkas* that can play it, in a subfolder of *folder*.

    *names* selects scenarios by a part of their names. *timeout*, in seconds, is how long the
    consumer may take to be up to date, and to end.
    """
    for number, scenario in enumerate(SCENARIOS, 1):
        if names and not any(name in scenario.name for name in names):
            continue
        able = [kafka for kafka in kafkas if can_play(kafka, scenario.need)]
        if not able:
            yield Result(scenario.name, left_out=explain(scenario))
            continue
        own = folder / f"{number:02}"
        own.mkdir(parents=True)
        await able[0].empty()
        async with Stage(able[0], command, own, timeout) as stage:
            yield Result(scenario.name, await scenario.play(stage))


def can_play(kafka: KafkaUnderTest, need: Need | None) -> bool:
    match need:
        case "begin-cluster":
            return kafka.can_begin_cluster
        case "delete-records":
            return kafka.can_delete_records
        case None:
            return True


def explain(scenario: Scenario) -> str:
    if scenario.need == "begin-cluster":
        return "it needs the embedded broker, whose cluster can be replaced"
    return "it needs Apache Kafka (--kafka), because the embedded broker deletes no records"
