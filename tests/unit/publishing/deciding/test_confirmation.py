"""What another process saves while a decision is saved is seen, although no event tells of it."""

from collections.abc import Callable
from typing import Any

import pytest

from services.publishing.deciding.reconciler import Reconciler
from services.publishing.deciding.rules import Rules
from shared.store import DecisionWrite, Picture
from tests.unit.publishing.memory_store import NOW, MemoryStore, make_article

PICTURE_URL = "https://paper.example/b.jpg"


async def decide(store: MemoryStore, *names: str) -> None:
    await Reconciler(Rules(), lambda: NOW).reconcile(names, store.as_store)


def change_while_saving(store: MemoryStore, change: Callable[[], None]) -> None:
    """Let *change* happen right before the next decisions are saved."""
    save = store.decisions.save

    async def save_later(writes: list[DecisionWrite]) -> Any:
        store.decisions.save = save
        change()
        return await save(writes)

    store.decisions.save = save_later


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.add(
        make_article("a", 80), make_article("b", 70, more=f"images:\n  - url: {PICTURE_URL}\n")
    )
    return store


async def test_related_articles_of_a_batch_are_saved_once(store: MemoryStore):
    store.link("a", "b")
    await decide(store, "a", "b")
    stamps = {name: decision.stamp for name, decision in store.stored_decisions.items()}
    assert stamps == {"a": 1, "b": 1}
    assert store.stored_decisions["a"].heat == 90
    assert store.stored_decisions["b"].lead == "a"
    assert not any(article.pending for article in store.stored_articles.values())


async def test_a_link_that_comes_meanwhile_is_seen(store: MemoryStore):
    change_while_saving(store, lambda: store.link("a", "b"))
    await decide(store, "a")
    assert store.stored_decisions["a"].heat == 90


async def test_a_link_that_goes_meanwhile_is_not_counted(store: MemoryStore):
    store.link("a", "b")
    change_while_saving(store, store.stored_links.clear)
    await decide(store, "a")
    assert store.stored_decisions["a"].heat == 80


async def test_a_relative_that_takes_the_lead_meanwhile_is_seen(store: MemoryStore):
    other = MemoryStore()
    other.add(*store.stored_articles.values())
    await decide(other, "b")
    store.link("a", "b")
    leading = other.stored_decisions
    change_while_saving(store, lambda: store.stored_decisions.update(leading))
    await decide(store, "a")
    assert store.stored_decisions["a"].inputs["holders"] == ["b"]


async def test_a_picture_of_a_relative_that_comes_meanwhile_is_shown(store: MemoryStore):
    store.link("a", "b")
    picture = Picture(PICTURE_URL, "cached", NOW, "", "f" * 64, "image/jpeg", 640, 480)
    change_while_saving(store, lambda: store.stored_pictures.update({PICTURE_URL: picture}))
    await decide(store, "a")
    latest = store.stored_decisions["a"].latest
    assert latest is not None
    assert b"f" * 64 in latest.data


def change_after_reading(store: MemoryStore, part: Any, name: str, change: Any) -> None:
    """Let *change* happen right after the next call of the method *name* of *part*."""
    read = getattr(part, name)

    async def read_before(*arguments: Any) -> Any:
        setattr(part, name, read)
        found = await read(*arguments)
        await change()
        return found

    setattr(part, name, read_before)


async def test_a_version_that_another_process_decides_meanwhile_is_not_undone(store: MemoryStore):
    await decide(store, "a")

    async def decide_next_version() -> None:
        store.add(make_article("a", 90, version=2, touches=5))
        await decide(store, "a")

    change_after_reading(store, store.articles, "get", decide_next_version)
    await decide(store, "a")
    assert store.stored_decisions["a"].version == 2
    assert store.stored_decisions["a"].heat == 90


async def test_a_version_of_a_relative_that_is_decided_meanwhile_is_not_undone(store: MemoryStore):
    reconciler = Reconciler(Rules(), lambda: NOW)
    store.link("a", "b")
    await reconciler.reconcile(["a", "b"], store.as_store)
    store.add(make_article("b", 71, version=2, touches=5))
    await reconciler.reconcile(["a"], store.as_store)

    async def decide_next_version() -> None:
        store.add(make_article("b", 72, version=3, touches=6))
        await decide(store, "b")
        await decide(store, "a")

    change_after_reading(store, store.articles, "get_pending_versions", decide_next_version)
    await reconciler.reconcile(["a"], store.as_store)
    (relative,) = store.stored_decisions["a"].inputs["relatives"]
    assert (relative["quality"], relative["version"]) == (72, 3)
