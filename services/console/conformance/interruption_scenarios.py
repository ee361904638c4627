"""Scenarios of interruptions: the consumer is killed or stopped, or its cluster is replaced.

Each plays on a stage, and returns what the consumer got wrong.
"""

from services.console.conformance.stage import Stage


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
