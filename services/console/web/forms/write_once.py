"""A form that is sent twice is carried out once: both get the outcome of the first.

The keys are kept in memory, the newest few thousand. After a restart, what is recorded with an act
tells whether it happened: an act's id is its form's key.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from services.console.actions.overtaken import Overtaken

MAX_KEYS: Final = 5_000


@dataclass(frozen=True)
class Outcome:
    """Where the reader goes after an act, and the sentence that says what came of it."""

    path: str
    notice: str = ""


class WriteOnce:
    """Carries out each key once. Failures are forgotten: they may be tried again."""

    def __init__(self) -> None:
        self._writes: OrderedDict[str, tuple[str, asyncio.Task[Outcome]]] = OrderedDict()

    async def run(
        self, key: str, content: str, perform: Callable[[], Awaitable[Outcome]]
    ) -> Outcome:
        """The outcome of this key. *content* tells forms apart that claim to be one.

        A reader who goes away does not stop the act half-way. Raises Overtaken if the key was used
        for another content.
        """
        if key not in self._writes:
            self._start(key, content, perform)
        first_content, write = self._writes[key]
        if first_content != content:
            raise Overtaken("this form was sent already, with other content: load the page again")
        return await asyncio.shield(write)

    def find_notice(self, key: str) -> str:
        """The notice of an act that is done, for the page after it."""
        if key not in self._writes:
            return ""
        _, write = self._writes[key]
        is_done = write.done() and not write.cancelled() and write.exception() is None
        return write.result().notice if is_done else ""

    def _start(self, key: str, content: str, perform: Callable[[], Awaitable[Outcome]]) -> None:
        async def write() -> Outcome:
            return await perform()

        task = asyncio.create_task(write())
        self._writes[key] = (content, task)
        task.add_done_callback(lambda done: self._forget_failure(key, done))
        while len(self._writes) > MAX_KEYS:
            self._writes.popitem(last=False)

    def _forget_failure(self, key: str, write: asyncio.Task[Outcome]) -> None:
        if write.cancelled() or write.exception() is not None:
            self._writes.pop(key, None)
