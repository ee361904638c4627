"""A store whose writes can fail the way writes over a network do: the same port, with failpoints.

For a part such as `articles` and a write such as `save` the failpoints are `store.articles.save`
(the write fails before it happened), `store.articles.save.half` (half of a bulk is applied, then it
fails, as the port allows) and `store.articles.save.done` (the write happened, but the answer is
lost). The caller sees StoreUnavailable. Reads have the first failpoint only.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from shared import failpoints
from shared.errors import DependencyUnavailable, StoreUnavailable
from shared.store import Store

# fmt: off
PARTS = (
    "articles", "pictures", "contents", "web_pages", "signatures", "neighbour_lists",
    "neighbourhoods", "links", "stories", "decisions", "parked", "rejected", "failure_counts",
    "workers",
)
# fmt: on
READ_VERBS = ("count", "find", "get", "list", "resolve")
# A lost heartbeat proves nothing, and the harness itself reads heartbeats.
UNTOUCHED = frozenset({"save_heartbeat", "list_heartbeats", "get_cluster"})


class FaultyPart:
    """One part of the store."""

    def __init__(self, name: str, part: Any) -> None:
        self._name = name
        self._part = part

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        original: Callable[..., Awaitable[Any]] = getattr(self._part, method)
        if method in UNTOUCHED:
            return original
        point = f"store.{self._name}.{method}"
        is_read = method.startswith(READ_VERBS)

        async def call(*arguments: Any, **keywords: Any) -> Any:
            try:
                await failpoints.hit(point)
                if is_read:
                    return await original(*arguments, **keywords)
                await _maybe_apply_half(point, original, arguments)
                result = await original(*arguments, **keywords)
                await failpoints.hit(f"{point}.done")
            except DependencyUnavailable as error:
                raise StoreUnavailable(str(error)) from error
            return result

        return call


class FaultyStore:
    """The whole port. Parts that are not in `PARTS` never fail."""

    def __init__(self, store: Store) -> None:
        self._store = store
        for name in PARTS:
            setattr(self, name, FaultyPart(name, getattr(store, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def _maybe_apply_half(
    point: str, original: Callable[..., Awaitable[Any]], arguments: tuple[Any, ...]
) -> None:
    try:
        await failpoints.hit(f"{point}.half")
    except DependencyUnavailable:
        await original(*map(_take_half, arguments))
        raise


def _take_half(value: Any) -> Any:
    """The first half of a collection; any other value as it is."""
    if isinstance(value, dict):
        return dict(list(value.items())[: len(value) // 2])
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)[: len(value) // 2]
    return value
