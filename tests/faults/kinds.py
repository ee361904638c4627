"""The kinds of faults. Each is one coroutine that injects one fault, heals it, and says whether it came about."""

import asyncio
import resource
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from shared.broker.topics import ENRICHED, INGESTED, SEEDS
from tests.faults.checks import POISON
from tests.faults.fleet import Slot
from tests.faults.newsroom import Newsroom
from tests.faults.proxy import Mood

PATIENCE: Final = 6.0  # seconds for a point to be reached; then this fault did not come about
_LAYER: Final = (
    "polled",
    "handled",
    "sending",
    "sent",
    "settling",
    "settled",
    "committing",
    "committed",
)
POINTS: Final = {
    "ingest": ("parsed", "claimed", "saving", "saved", "refused", *_LAYER),
    "images": ("parsed", "blob", "fetched", "saved", "claimed", *_LAYER),
    "related": ("parsed", "signed", "placed", "relating", "related", "assembled", "saved", *_LAYER),
    "publishing": ("parsed", "saved", "woken", "decided", *_LAYER),
}
WRITES: Final = {
    "ingest": ("articles.claim", "articles.save", "articles.announced", "rejected.save"),
    "images": ("pictures.save", "articles.enriched", "parked.park", "parked.claim", "parked.done"),
    "related": (
        "relations.save",
        "relations.amend",
        "relations.unsettle",
        "relations.relate",
        "relations.settled",
        "stories.move",
        "stories.save",
        "articles.enriched",
    ),
    "publishing": (
        "decisions.save",
        "decisions.settled",
        "decisions.announced",
        "articles.enriched",
    ),
}
Fault = Callable[[Newsroom], Awaitable[bool]]


async def _fires(room: Newsroom, slot: Slot, rules: str) -> bool:
    """Arm the process and wait until a rule fires."""
    before = len(room.fleet.fired(slot))
    room.fleet.arm(slot, rules)
    for _ in range(int(PATIENCE / 0.1)):
        await asyncio.sleep(0.1)
        if len(room.fleet.fired(slot)) > before:
            return True
    return False


async def kill_at_failpoint(room: Newsroom) -> bool:
    async with room.slot() as slot:
        point = room.chance.choice(POINTS[slot.service])
        came = await _fires(room, slot, f"{point}=kill@{room.chance.choice((1, 1, 1, 2, 5))}")
        if came:
            room.recovery.hit("kill at a failpoint", [slot])
        return came


async def kill_at_random(room: Newsroom) -> bool:
    async with room.slot() as slot:
        room.recovery.hit("kill at random", [slot])
        slot.signal(signal.SIGKILL)
        return True


async def zombie(room: Newsroom) -> bool:
    """Stopped at a point until its session is over and others have its partitions; then it goes on."""
    async with room.slot() as slot:
        others = [
            s
            for s in room.fleet.slots.values()
            if s.service == slot.service and s is not slot and s.alive
        ]
        helper = None if others else room.fleet.add(slot.service)
        if helper:
            await asyncio.sleep(3)  # it joins
        came = await _fires(room, slot, f"{room.chance.choice(POINTS[slot.service])}=stop")
        if came:
            await asyncio.sleep(room.engines.session_seconds + room.chance.uniform(1, 3))
            room.recovery.hit("zombie", [slot])
            slot.signal(signal.SIGCONT)
        if helper:
            await asyncio.sleep(1)
            helper.signal(signal.SIGTERM)
        return came


async def rebalance(room: Newsroom) -> bool:
    """One more worker, which is killed or stopped after some seconds."""
    service = room.chance.choice(sorted(POINTS))
    if any(not s.steady and s.service == service for s in room.fleet.slots.values()):
        return False
    more = room.fleet.add(service)
    await asyncio.sleep(room.chance.uniform(2, 5))
    more.signal(room.chance.choice([signal.SIGKILL, signal.SIGTERM]))
    return True


async def lost_answer_of_a_write(room: Newsroom) -> bool:
    return await _rough_write(room, ".done")


async def half_a_bulk(room: Newsroom) -> bool:
    return await _rough_write(room, ".half")


async def failed_write(room: Newsroom) -> bool:
    return await _rough_write(room, "")


async def _rough_write(room: Newsroom, how: str) -> bool:
    async with room.slot() as slot:
        write = room.chance.choice(WRITES[slot.service])
        came = await _fires(room, slot, f"store.{write}{how}=raise")
        if came:
            room.recovery.hit("store trouble", [slot])
        return came


async def lost_answer_of_a_send(room: Newsroom) -> bool:
    """All of a batch was sent, or the first of it, and the sender sees a time-out."""
    async with room.slot() as slot:
        came = await _fires(
            room,
            slot,
            room.chance.choice(["sent=raise", f"sending=raise@{room.chance.randint(1, 9)}"]),
        )
        if came:
            room.recovery.hit("send trouble", [slot])
        return came


async def store_away_for_one(room: Newsroom) -> bool:
    async with room.slot() as slot:
        room.fleet.arm(slot, "store.*=raise@*")
        await asyncio.sleep(room.chance.uniform(1, 3))
        room.recovery.hit("store trouble", [slot])
        return True


async def slow_process(room: Newsroom) -> bool:
    """A delay at a point: what is in flight elsewhere overtakes it."""
    async with room.slot() as slot:
        return await _fires(
            room,
            slot,
            f"{room.chance.choice(POINTS[slot.service])}=delay({room.chance.uniform(0.5, 2):.1f})",
        )


async def store_away_for_all(room: Newsroom) -> bool:
    await room.engines.hold_store(room.chance.uniform(1, 3))
    room.recovery.hit("store away", room.fleet.slots.values())
    return True


async def broker_bounce(room: Newsroom) -> bool:
    room.recovery.hit("broker bounced", [s for s in room.fleet.slots.values() if s.steady])
    await room.bounce_broker()
    return True


async def poison(room: Newsroom) -> bool:
    """Bytes that are no event and no seed, with a header that is no text."""
    life = room.outside.life
    put = await room.outside.put(
        room.chance.choice([SEEDS, INGESTED, ENRICHED]), POISON, [("junk", b"\xff\xfe")]
    )
    room.poison += put and life == room.outside.life
    return put


async def disk_full(room: Newsroom) -> bool:
    """No file of the process may grow: RLIMIT_FSIZE, as a full disk for its database and pictures."""
    async with room.slot() as slot:
        hard = resource.prlimit(slot.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(slot.pid, resource.RLIMIT_FSIZE, (4096, hard))
        await asyncio.sleep(room.chance.uniform(1, 2.5))
        if slot.alive:
            resource.prlimit(slot.pid, resource.RLIMIT_FSIZE, (hard, hard))
        room.recovery.hit("disk full", [slot])
        return True


def network(mood: Mood, shortest: float, longest: float) -> Fault:
    async def fault(room: Newsroom) -> bool:
        proxy = room.chance.choice(room.engines.proxies)
        if proxy.mood != "well":
            return False
        proxy.be(mood)
        await asyncio.sleep(room.chance.uniform(shortest, longest))
        proxy.heal()
        room.recovery.hit(
            f"network {mood}", [s for s in room.fleet.slots.values() if s.steady and s.alive]
        )
        return True

    return fault


async def network_reset(room: Newsroom) -> bool:
    room.chance.choice(room.engines.proxies).reset()
    room.recovery.hit(
        "network reset", [s for s in room.fleet.slots.values() if s.steady and s.alive]
    )
    return True


@dataclass(frozen=True)
class Sort:
    """A kind of fault: how often it comes, and whether it comes alone of its sort."""

    inject: Fault
    weight: int
    alone: bool = False  # it hits everybody: no second one of those meanwhile
    only: str = ""  # kind of engines


SORTS: Final = {
    "kill at a failpoint": Sort(kill_at_failpoint, 18),
    "kill at random": Sort(kill_at_random, 6),
    "zombie (SIGSTOP past the session)": Sort(zombie, 5),
    "rebalance (worker added, then gone)": Sort(rebalance, 5),
    "write happened, answer lost": Sort(lost_answer_of_a_write, 14),
    "half a bulk applied": Sort(half_a_bulk, 8),
    "write failed": Sort(failed_write, 4),
    "send happened, answer lost": Sort(lost_answer_of_a_send, 10),
    "slow process": Sort(slow_process, 6),
    "store away for one": Sort(store_away_for_one, 4),
    "store away for all": Sort(store_away_for_all, 2, alone=True),
    "broker bounced": Sort(broker_bounce, 2, alone=True),
    "poison": Sort(poison, 5),
    "disk full": Sort(disk_full, 4, only="embedded"),
    "network slow": Sort(network("slow", 1, 3), 2, alone=True),
    "network silent": Sort(network("silent", 1, 4), 2, alone=True),
    "network cut": Sort(network("cut", 0.5, 2), 2, alone=True),
    "network reset": Sort(network_reset, 3, alone=True),
}
