"""What may happen in the published topics. Each scenario plays it and returns what went wrong."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from services.console.conformance import strange_records
from services.console.conformance.newsroom import Revised
from services.console.conformance.stage import Stage

Play = Callable[[Stage], Awaitable[list[str]]]
Need = Literal["begin-cluster", "delete-records"]


@dataclass(frozen=True)
class Scenario:
    """*name* in a few words, and what the Kafka must be able to do for it."""

    name: str
    play: Play
    need: Need | None = None


async def play_empty_topics(stage: Stage) -> list[str]:
    """It starts before anything was published."""
    await stage.start()
    await stage.settle()
    await stage.announce(stage.newsroom.publish("bridge"))
    return await stage.judge()


async def play_snapshot_and_log(stage: Stage) -> list[str]:
    """Some of it stands in the state already, the rest follows in the log."""
    newsroom = stage.newsroom
    await stage.announce(newsroom.publish("bridge"), newsroom.publish("comet"))
    await stage.announce(newsroom.publish("bridge"))
    await stage.start()
    await stage.settle()
    await stage.announce(newsroom.publish("comet"), newsroom.publish("strike"))
    return await stage.judge()


async def play_tombstones(stage: Stage) -> list[str]:
    """Articles are retracted before it starts and while it reads; one is published again."""
    newsroom = stage.newsroom
    names = ("bridge", "comet", "strike")
    await stage.announce(*(newsroom.publish(name) for name in names))
    await stage.announce(newsroom.retract("bridge"))
    await stage.start()
    await stage.settle()
    await stage.announce(newsroom.retract("comet"), newsroom.retract("strike"))
    await stage.announce(newsroom.publish("strike"), newsroom.publish("bridge"))
    return await stage.judge()


async def play_repeats(stage: Stage) -> list[str]:
    """Every event comes several times, and an old one once more after a newer one."""
    newsroom = stage.newsroom
    first = [newsroom.publish("bridge"), newsroom.publish("comet")]
    await stage.announce(*first, *first)
    await stage.start()
    await stage.settle()
    second = newsroom.publish("bridge")
    await stage.announce(second, second, first[0], second)
    return await stage.judge()


async def play_other_order(stage: Stage) -> list[str]:
    """The log has the articles in another order than the state; each article's own order holds."""
    newsroom = stage.newsroom
    first = [newsroom.publish(name) for name in ("bridge", "comet", "strike")]
    await stage.announce_state(*first)
    await stage.start()
    await stage.wait_until_shown("strike")
    second = [newsroom.publish(name) for name in ("comet", "strike", "bridge")]
    await stage.announce_state(*reversed(second))
    await stage.announce_log(first[2], second[1], first[0], first[1], second[0], second[2])
    return await stage.judge()


async def play_late_repeat(stage: Stage) -> list[str]:
    """An article is retracted, and then an earlier event of it comes once more, twice."""
    newsroom = stage.newsroom
    published = newsroom.publish("bridge")
    await stage.announce(published, newsroom.publish("comet"))
    await stage.start()
    await stage.settle()
    await stage.announce(newsroom.retract("bridge"))
    await stage.announce_log(published)
    await stage.settle()
    await stage.stop()
    await stage.start()  # what it knew of a retracted article must outlive a restart
    await stage.settle()
    await stage.announce_log(published)
    return await stage.judge()


async def play_unknown_fields(stage: Stage) -> list[str]:
    """Events have fields, headers and values that came with a later version."""
    newsroom = stage.newsroom
    await stage.announce(newsroom.publish("bridge", **strange_records.LATER_FIELDS))
    await stage.start()
    await stage.settle()
    updated = newsroom.publish("bridge", **strange_records.LATER_FIELDS)
    await stage.announce(strange_records.with_later_headers(updated))
    await stage.announce(newsroom.publish("comet", **strange_records.LATER_FIELDS))
    return await stage.judge()


async def play_unknown_types(stage: Stage) -> list[str]:
    """Events of types that came with a later version stand among the others."""
    newsroom = stage.newsroom
    await stage.announce(newsroom.publish("bridge"), newsroom.publish("comet"))
    await stage.send(*strange_records.build_later_types("bridge"))
    await stage.start()
    await stage.settle()
    await stage.send(*strange_records.build_later_types("comet"))
    await stage.announce(newsroom.publish("comet"))
    return await stage.judge()


async def play_junk(stage: Stage) -> list[str]:
    """Records that are none of Seedwire's events stand in both topics."""
    newsroom = stage.newsroom
    await stage.announce(newsroom.publish("bridge"))
    await stage.send(*strange_records.build_junk("bridge"))
    await stage.announce(newsroom.publish("comet"))
    await stage.start()
    await stage.settle()
    await stage.send(*strange_records.build_junk("comet"))
    await stage.announce(newsroom.publish("bridge"))
    return await stage.judge()


async def play_largest_event(stage: Stage) -> list[str]:
    """An event is as large as one may be."""
    newsroom = stage.newsroom
    await stage.announce(_publish_largest(stage, "bridge"))
    await stage.start()
    await stage.settle()
    await stage.announce(_publish_largest(stage, "comet"), newsroom.publish("bridge"))
    return await stage.judge()


def _publish_largest(stage: Stage, name: str) -> Revised:
    return stage.newsroom.publish(name, body=strange_records.LARGEST_BODY)


async def play_gap(stage: Stage) -> list[str]:
    """The log lacks revisions that the state has: what was missed is only there."""
    newsroom = stage.newsroom
    await stage.begin("bridge", "comet", "strike")
    await stage.announce_state(newsroom.publish("bridge"), newsroom.publish("comet"))
    await stage.announce_state(newsroom.retract("strike"))
    await stage.announce(newsroom.publish("bridge"))  # its revision before is not in the log
    return await stage.judge("with repeats")


async def play_restart(stage: Stage) -> list[str]:
    """It is killed between two commits, and much happens until it is back."""
    newsroom = stage.newsroom
    await stage.begin("bridge", "comet", "strike")
    await stage.announce(newsroom.publish("bridge"), newsroom.retract("strike"))
    await stage.wait_until_shown("bridge")
    await stage.kill()
    await stage.announce(newsroom.publish("bridge"), newsroom.retract("comet"))
    await stage.announce(newsroom.publish("storm"), newsroom.publish("strike"))
    await stage.start()
    await stage.settle()
    await stage.announce(newsroom.publish("storm"))
    return await stage.judge()


async def play_new_cluster(stage: Stage) -> list[str]:
    """While it is down the cluster is replaced; the new log is longer than the old one was."""
    newsroom = stage.newsroom
    await stage.begin("bridge", "comet", "strike", "storm")
    await stage.stop()
    newsroom.publish("bridge")
    newsroom.retract("comet")
    await stage.begin_cluster()
    await stage.announce(*newsroom.latest.values())
    await stage.announce(newsroom.publish("strike"), newsroom.retract("storm"))
    await stage.start()
    return await stage.judge("anew")


async def play_new_cluster_meanwhile(stage: Stage) -> list[str]:
    """The cluster is replaced under it, and takes a while until it has everything again."""
    newsroom = stage.newsroom
    await stage.begin("bridge", "comet", "strike", "storm")
    newsroom.publish("bridge")
    newsroom.retract("comet")
    await stage.begin_cluster()
    await stage.announce(newsroom.latest["bridge"])
    await stage.wait_until_shown("bridge")
    unchanged = [revised for name, revised in newsroom.latest.items() if name != "bridge"]
    await stage.announce(*unchanged)
    await stage.announce(newsroom.publish("strike"), newsroom.retract("storm"))
    return await stage.judge("anew")


async def play_expired_offsets(stage: Stage) -> list[str]:
    """While it is down, what it would read next in the log is deleted, its time being over."""
    newsroom = stage.newsroom
    await stage.begin("bridge", "comet", "strike")
    await stage.stop()
    await stage.announce(newsroom.publish("bridge"), newsroom.retract("comet"))
    await stage.fill_log()
    await stage.kafka.delete_log_records()
    await stage.announce(newsroom.publish("storm"))
    await stage.start()
    return await stage.judge("with repeats")


SCENARIOS: Final[Sequence[Scenario]] = (
    Scenario("empty topics", play_empty_topics),
    Scenario("a snapshot, then the log", play_snapshot_and_log),
    Scenario("tombstones", play_tombstones),
    Scenario("repeats", play_repeats),
    Scenario("another order across keys", play_other_order),
    Scenario("a late repeat of a retracted article", play_late_repeat),
    Scenario("unknown fields", play_unknown_fields),
    Scenario("unknown types", play_unknown_types),
    Scenario("junk", play_junk),
    Scenario("an event at the size limit", play_largest_event),
    Scenario("a gap", play_gap),
    Scenario("a restart between commits", play_restart),
    Scenario("a new cluster", play_new_cluster, "begin-cluster"),
    Scenario("a new cluster under it", play_new_cluster_meanwhile, "begin-cluster"),
    Scenario("expired offsets", play_expired_offsets, "delete-records"),
)
