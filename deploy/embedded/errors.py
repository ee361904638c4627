"""What can go wrong with an engine on this machine, and what follows from it.

EngineError
├── EngineMissing    this machine cannot run it   install what the sentence names; tests skip
├── PortTaken        its port is in use           choose another, or end the process that holds it
├── EngineDied       it ended by itself           crash: the message carries its last output
└── EngineNotReady   it runs but does not answer  crash: the message carries its last output
"""

import re
from typing import Final

from shared.errors import SeedwireError

_OUTPUT_CHARACTERS: Final = 4_000  # a Java stack trace with its first causes


class EngineError(SeedwireError):
    """Root of the errors of engines. Consequence: there is no engine, nothing else can start."""


class EngineMissing(EngineError):
    """This machine lacks what the engine needs.

    Consequence: install it, or name a real engine; tests skip.
    """


class PortTaken(EngineError):
    """The requested port is in use. Consequence: nothing was started; choose another port."""


class EngineDied(EngineError):
    """The child ended before it was ready.

    Consequence: crash, unless it only lost its port to another process.
    """

    def __init__(self, name: str, code: int, output: str) -> None:
        super().__init__(
            f"{name} ended by itself with code {code}. "
            f"Its last output:\n{output[-_OUTPUT_CHARACTERS:]}"
        )
        self.has_lost_port = re.search(r"Address (already )?in use", output) is not None


class EngineNotReady(EngineError):
    """The child runs but did not answer in time. Consequence: crash; the caller ends the child."""

    def __init__(self, name: str, timeout: float, output: str) -> None:
        super().__init__(
            f"{name} was not ready after {timeout:g} s. "
            f"Its last output:\n{output[-_OUTPUT_CHARACTERS:]}"
        )
