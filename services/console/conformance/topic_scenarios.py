"""Scenarios of the topics: what may be written in them, and in which order.

Each plays on a stage, and returns what the consumer got wrong.
"""

from services.console.conformance import strange_records
from services.console.conformance.newsroom import Revised
from services.console.conformance.stage import Stage


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
