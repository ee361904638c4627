"""Faults of a single process: it dies, freezes, slows down, or its writes and sends fail.

Each fault is a coroutine that injects itself, heals, and returns whether it came about.
"""

import asyncio
import contextlib
import resource
import signal
from typing import Final

from tests.faults.system.service_processes import ManagedProcess
from tests.faults.system.system_under_test import SystemUnderTest

# How long a failpoint may take to fire. The process may have no work that leads there; then this
# fault did not come about.
FIRE_SECONDS: Final = 6.0
# How long a temporary worker may take to join its group; the fault goes on without it after that.
JOIN_SECONDS: Final = 30.0
MAX_FILE_BYTES: Final = 4096  # while the disk is full

# fmt: off
_DELIVERY_POINTS: Final = (
    "polled", "handled", "sending", "sent", "acknowledging", "acknowledged", "committing",
    "committed",
)
POINTS: Final = {
    "ingest": ("parsed", "claimed", "released", "saving", "saved", "rejected", *_DELIVERY_POINTS),
    "images": ("parsed", "blob", "fetched", "saved", "claimed", *_DELIVERY_POINTS),
    "related": (
        "parsed", "signatures-saved", "neighbours-saved", "stage-reopened", "links-saved", "woken",
        "stories-saved", "saved", "statistics-published", "feed-marked",
        *_DELIVERY_POINTS,
    ),
    "publishing": ("parsed", "saved", "woken", "decided", *_DELIVERY_POINTS),
}
"""The failpoints of each service, as its code names them."""
WRITES: Final = {
    "ingest": (
        "articles.claim_aliases", "articles.save", "articles.mark_announced", "rejected.save",
    ),
    "images": (
        "pictures.save", "articles.complete_stage", "parked.park", "parked.claim", "parked.remove",
        "failure_counts.add", "failure_counts.remove",
    ),
    "related": (
        "signatures.save", "neighbour_lists.update", "neighbourhoods.mark_dirty", "links.save",
        "neighbourhoods.clear_dirty", "stories.move", "stories.save", "articles.complete_stage",
    ),
    "publishing": (
        "decisions.save", "decisions.mark_unchanged", "decisions.mark_announced", "articles.touch",
    ),
}
"""The writes of each service: part of the store and method."""
# fmt: on


async def kill_at_failpoint(system: SystemUnderTest) -> bool:
    async with system.reserve_process() as managed:
        point = system.random.choice(POINTS[managed.service])
        nth = system.random.choice((1, 1, 1, 2, 5))
        has_fired = await _arm_and_wait(system, managed, f"{point}=kill@{nth}")
        if has_fired:
            system.recovery.note_fault("kill at a failpoint", [managed])
        return has_fired


async def kill_at_random(system: SystemUnderTest) -> bool:
    async with system.reserve_process() as managed:
        system.recovery.note_fault("kill at random", [managed])
        managed.signal(signal.SIGKILL)
        return True


async def freeze_past_session(system: SystemUnderTest) -> bool:
    """Stop a process until others have its partitions, then let it go on."""
    async with system.reserve_process() as managed:
        helper = await _ensure_other_worker(system, managed)
        point = system.random.choice(POINTS[managed.service])
        has_fired = await _arm_and_wait(system, managed, f"{point}=stop")
        if has_fired:
            beyond_session = system.random.uniform(1, 3)
            await asyncio.sleep(system.engines.session_seconds + beyond_session)
            system.recovery.note_fault("zombie", [managed])
            managed.signal(signal.SIGCONT)
        if helper:
            await asyncio.sleep(1)
            helper.signal(signal.SIGTERM)
        return has_fired


async def rebalance(system: SystemUnderTest) -> bool:
    """Add a worker, and kill or stop it after some seconds."""
    service = system.random.choice(sorted(POINTS))
    for managed in system.processes.all:
        if managed.service == service and not managed.is_permanent:
            return False
    added = system.processes.add_temporary(service)
    await asyncio.sleep(system.random.uniform(2, 5))
    added.signal(system.random.choice([signal.SIGKILL, signal.SIGTERM]))
    return True


async def lose_answer_of_write(system: SystemUnderTest) -> bool:
    return await _fail_write(system, ".done")


async def apply_half_of_bulk(system: SystemUnderTest) -> bool:
    return await _fail_write(system, ".half")


async def fail_write(system: SystemUnderTest) -> bool:
    return await _fail_write(system, "")


async def lose_answer_of_send(system: SystemUnderTest) -> bool:
    """Everything in a batch was sent, or its first events; the sender sees a timeout."""
    async with system.reserve_process() as managed:
        rules = ["sent=raise", f"sending=raise@{system.random.randint(1, 9)}"]
        has_fired = await _arm_and_wait(system, managed, system.random.choice(rules))
        if has_fired:
            system.recovery.note_fault("send trouble", [managed])
        return has_fired


async def fail_store(system: SystemUnderTest) -> bool:
    """Every call of the process to the store fails for a while."""
    async with system.reserve_process() as managed:
        system.processes.arm(managed, "store.*=raise@*")
        await asyncio.sleep(system.random.uniform(1, 3))
        system.recovery.note_fault("store trouble", [managed])
        return True


async def delay_at_failpoint(system: SystemUnderTest) -> bool:
    """Delay a process, so that what is in flight elsewhere overtakes it."""
    async with system.reserve_process() as managed:
        point = system.random.choice(POINTS[managed.service])
        seconds = system.random.uniform(0.5, 2)
        return await _arm_and_wait(system, managed, f"{point}=delay({seconds:.1f})")


async def fill_disk(system: SystemUnderTest) -> bool:
    """Let no file of the process grow, as on a full disk: its database and its pictures."""
    async with system.reserve_process() as managed:
        hard_limit = resource.prlimit(managed.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(managed.pid, resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, hard_limit))
        await asyncio.sleep(system.random.uniform(1, 2.5))
        if managed.is_alive:
            resource.prlimit(managed.pid, resource.RLIMIT_FSIZE, (hard_limit, hard_limit))
        system.recovery.note_fault("disk full", [managed])
        return True


async def _arm_and_wait(system: SystemUnderTest, managed: ManagedProcess, rules: str) -> bool:
    """Arm the process and wait until a rule fires; returns whether one did."""
    fired_before = system.processes.count_fired(managed)
    system.processes.arm(managed, rules)
    for _ in range(int(FIRE_SECONDS / 0.1)):
        await asyncio.sleep(0.1)
        if system.processes.count_fired(managed) > fired_before:
            return True
    return False


async def _fail_write(system: SystemUnderTest, suffix: str) -> bool:
    """*suffix* of the failpoint says how the write fails; see `faulty_store`."""
    async with system.reserve_process() as managed:
        write = system.random.choice(WRITES[managed.service])
        has_fired = await _arm_and_wait(system, managed, f"store.{write}{suffix}=raise")
        if has_fired:
            system.recovery.note_fault("store trouble", [managed])
        return has_fired


async def _ensure_other_worker(
    system: SystemUnderTest, managed: ManagedProcess
) -> ManagedProcess | None:
    """If there is no other worker of the service, add a temporary one and return it."""
    for other in system.processes.all:
        if other.service == managed.service and other is not managed and other.is_alive:
            return None
    helper = system.processes.add_temporary(managed.service)
    with contextlib.suppress(TimeoutError):
        await system.wait_until_well([helper], JOIN_SECONDS)
    return helper
