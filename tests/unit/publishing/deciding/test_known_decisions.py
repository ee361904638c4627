"""What decisions rest on is kept within bounds, and is never out of date."""

from dataclasses import replace

from services.publishing.deciding.known_decisions import KnownDecisions
from shared.store import Decision
from tests.unit.publishing.memory_store import NOW, MemoryStore


def decide(name: str, stamp: int, lead: str) -> Decision:
    inputs = {"relatives": [{"id": "r", "quality": 1, "version": 1}], "holders": []}
    return Decision(name, stamp, 1, 0, False, 1, lead, "", {}, inputs, NOW)


async def test_a_decision_that_another_worker_saved_is_read():
    store, known = MemoryStore(), KnownDecisions()
    store.stored_decisions["a"] = decide("a", 1, lead="a")
    assert (await known.load(["a", "unknown"], store.as_store))["a"].is_lead
    store.stored_decisions["a"] = decide("a", 2, lead="b")
    assert (await known.load(["a"], store.as_store))["a"].lead == "b"
    restored = replace(decide("a", 2, lead="c"), decided_at=NOW.replace(hour=1))
    store.stored_decisions["a"] = restored
    assert (await known.load(["a"], store.as_store))["a"].lead == "c"


async def test_the_longest_unused_are_forgotten():
    store, known = MemoryStore(), KnownDecisions(max_kept=6)
    for name in "abc":
        store.stored_decisions[name] = decide(name, 1, lead=name)
        await known.load([name], store.as_store)
    assert len(known) == 2
    assert {*await known.load("abc", store.as_store)} == {*"abc"}
