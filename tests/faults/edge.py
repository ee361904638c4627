"""The store with its edge made rough: the same port, and at every write a place where the answer may get lost.

Points, for a part such as `articles` and a write such as `save`: `store.articles.save` (fails before it happened),
`store.articles.save.half` (half of a bulk is applied, then it fails, as the port allows) and `store.articles.save.done`
(it happened; the caller sees StoreAway).
"""

from collections.abc import Awaitable, Callable
from typing import Any

from shared import failpoints
from shared.errors import EngineAway, StoreAway
from shared.store import Store

PARTS = (
    "articles",
    "pictures",
    "contents",
    "pages",
    "relations",
    "stories",
    "decisions",
    "parked",
    "rejected",
    "workers",
)
READS = frozenset(
    {"resolve", "get", "find", "page", "waiting", "counts", "due", "candidates", "links"}
    | {"near", "versions", "of", "members", "on", "referred", "ledger"}
)
READS_OF_WORKERS = frozenset(
    {"all", "known_cluster", "count", "beat"}
)  # a lost heartbeat proves nothing


class Edge:
    """One part of the store."""

    def __init__(self, name: str, part: Any) -> None:
        self._name = name
        self._part = part

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        original = getattr(self._part, method)
        if method in READS_OF_WORKERS:
            return original
        point = f"store.{self._name}.{method}"

        async def call(*given: Any, **named: Any) -> Any:
            try:
                await failpoints.reached(point)
                if method in READS:
                    return await original(*given, **named)
                await _half(point, original, given)
                result = await original(*given, **named)
                await failpoints.reached(f"{point}.done")
            except EngineAway as error:
                raise StoreAway(str(error)) from error
            return result

        return call


class EdgeStore:
    """The port, part by part."""

    def __init__(self, store: Store) -> None:
        self._store = store
        for name in PARTS:
            setattr(self, name, Edge(name, getattr(store, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def _half(
    point: str, original: Callable[..., Awaitable[Any]], given: tuple[Any, ...]
) -> None:
    try:
        await failpoints.reached(f"{point}.half")
    except EngineAway:
        await original(*map(_half_of, given))
        raise


def _half_of(value: Any) -> Any:
    """Half of what can be divided."""
    if isinstance(value, dict):
        return dict(list(value.items())[: len(value) // 2])
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)[: len(value) // 2]
    return value
