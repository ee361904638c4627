"""Every scenario that a consumer is tested with, in the order in which they are played."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from services.console.conformance import interruption_scenarios as interruptions
from services.console.conformance import topic_scenarios as topics
from services.console.conformance.stage import Stage

Play = Callable[[Stage], Awaitable[list[str]]]
Need = Literal["begin-cluster", "delete-records"]


@dataclass(frozen=True)
class Scenario:
    """*name* in a few words, and what the Kafka must be able to do for it."""

    name: str
    play: Play
    need: Need | None = None


SCENARIOS: Final[Sequence[Scenario]] = (
    Scenario("empty topics", topics.play_empty_topics),
    Scenario("a snapshot, then the log", topics.play_snapshot_and_log),
    Scenario("tombstones", topics.play_tombstones),
    Scenario("repeats", topics.play_repeats),
    Scenario("another order across keys", topics.play_other_order),
    Scenario("a late repeat of a retracted article", topics.play_late_repeat),
    Scenario("unknown fields", topics.play_unknown_fields),
    Scenario("unknown types", topics.play_unknown_types),
    Scenario("junk", topics.play_junk),
    Scenario("an event at the size limit", topics.play_largest_event),
    Scenario("a gap", topics.play_gap),
    Scenario("a restart between commits", interruptions.play_restart),
    Scenario("a new cluster", interruptions.play_new_cluster, "begin-cluster"),
    Scenario("a new cluster under it", interruptions.play_new_cluster_meanwhile, "begin-cluster"),
    Scenario("expired offsets", interruptions.play_expired_offsets, "delete-records"),
)
