"""What can go wrong with an engine on this machine, and what follows from it.

EngineError
├── EngineMissing   it cannot be had here      install what the sentence names, or use a real engine; tests skip
├── FetchFailed     the jars did not come      try again with a network; nothing half-done is left; tests skip
├── PortTaken       the port asked for is used choose another, or end what holds it
├── EngineDied      it ended by itself         crash: the sentence carries its last words
└── NotReady        it lives but is silent     crash: the sentence carries its last words
"""

import re

from shared.errors import SeedwireError

_LAST_WORDS = 4_000  # characters: a Java stack trace with its first causes


class EngineError(SeedwireError):
    """Root of what this package raises. Consequence: there is no engine, nothing else can start."""


class EngineMissing(EngineError):
    """This machine lacks what the engine needs. Consequence: install it or name a real engine; tests skip."""


class FetchFailed(EngineError):
    """Maven or javac failed. Consequence: nothing half-done was kept, the next fetch starts anew; tests skip."""


class PortTaken(EngineError):
    """The port asked for is in use. Consequence: nothing was started; choose another port."""


class EngineDied(EngineError):
    """The child ended before it was ready. Consequence: crash, unless it only lost its port to another process."""

    def __init__(self, name: str, code: int, output: str) -> None:
        super().__init__(
            f"{name} ended by itself with code {code}. Its last words:\n{output[-_LAST_WORDS:]}"
        )
        self.lost_its_port = re.search(r"Address (already )?in use", output) is not None


class NotReady(EngineError):
    """The child lives but did not answer in time. Consequence: crash; the caller ends the child."""

    def __init__(self, name: str, timeout: float, output: str) -> None:
        super().__init__(
            f"{name} was not ready after {timeout:g} s. Its last words:\n{output[-_LAST_WORDS:]}"
        )
