"""Failpoints: named places where a test may let a process die, stop, wait or fail. In production they are nothing.

`SEEDWIRE_FAILPOINTS` switches them on: read once, at import, for tests alone, and no setting of the product. Unset,
`reached` does nothing. It holds rules, or `@FILE`: then the rules stand in that file, read anew whenever it changes,
and each rule that fires is noted in `FILE.fired`. Rules are separated by `;`:

    POINT=ACTION[(SECONDS)][@N | @* | %P]        saved=kill@3;sent=raise;store.*=delay(0.2)%0.1

POINT may hold wildcards. ACTION: `kill` (SIGKILL to this process), `stop` (SIGSTOP), `raise` (an EngineAway, as after a
time-out: what came before the point has happened), `delay`. Fires at the Nth time the point is reached (default: the
first), each time (`@*`), or each time by chance (`%P`, 0 to 1; seeded by `SEEDWIRE_FAILPOINTS_SEED`).
"""

import asyncio
import os
import random
import re
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from shared.errors import EngineAway, SettingsError

VARIABLE: Final = "SEEDWIRE_FAILPOINTS"
_RULE: Final = re.compile(
    r"(?P<point>[\w.*-]+)=(?P<action>kill|stop|raise|delay)(\((?P<seconds>[\d.]+)\))?"
    r"(@(?P<nth>\d+)|(?P<always>@\*)|%(?P<chance>[\d.]+))?"
)


@dataclass
class Rule:
    """One rule, and how often its point was reached since it was read."""

    text: str
    point: str
    action: str
    seconds: float
    nth: int = 1
    chance: float | None = None  # None: at the nth time alone
    hits: int = 0

    def fires(self, point: str, chance: Callable[[], float]) -> bool:
        if not fnmatchcase(point, self.point):
            return False
        self.hits += 1
        return self.hits == self.nth if self.chance is None else chance() < self.chance


def rules(text: str) -> list[Rule]:
    """The rules that *text* holds. Raises SettingsError for one that cannot be read."""
    return [_rule(part.strip()) for part in text.split(";") if part.strip()]


def _rule(text: str) -> Rule:
    found = _RULE.fullmatch(text)
    if found is None:
        raise SettingsError(
            f"{VARIABLE}: {text!r} is no rule; expected POINT=ACTION[(SECONDS)][@N | @* | %P]"
        )
    chance = 1.0 if found["always"] else float(found["chance"]) if found["chance"] else None
    return Rule(
        text,
        found["point"],
        found["action"],
        float(found["seconds"] or 1),
        int(found["nth"] or 1),
        chance,
    )


class Failpoints:
    """The rules of this process, and what comes of them."""

    def __init__(self, given: str, seed: str) -> None:
        self._file = Path(given[1:]) if given.startswith("@") else None
        self._rules = [] if self._file else rules(given)
        self._stamp = 0
        self._random = random.Random(seed)

    async def reached(self, point: str) -> None:
        """Do what the rules say of *point*. Raises EngineAway, or does not come back at all."""
        for rule in self._current():
            if rule.fires(point, self._random.random):
                self._note(point, rule)
                await _act(rule, point)

    def _current(self) -> list[Rule]:
        if self._file is not None:
            stamp = self._file.stat().st_mtime_ns if self._file.exists() else 0
            if stamp != self._stamp:
                self._stamp, self._rules = stamp, rules(self._file.read_text()) if stamp else []
        return self._rules

    def _note(self, point: str, rule: Rule) -> None:
        if self._file is not None:
            with self._file.with_name(f"{self._file.name}.fired").open("a") as notes:
                notes.write(f"{time.time():.3f} {os.getpid()} {point} {rule.text}\n")


async def _act(rule: Rule, point: str) -> None:
    match rule.action:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "delay":
            await asyncio.sleep(rule.seconds)
        case _:
            raise EngineAway(
                f"failpoint {point}: what came before it has happened, and the answer was lost"
            )


async def _nothing(point: str) -> None:
    """No failpoint is on."""


def _from_environment() -> Callable[[str], Awaitable[None]]:
    given = os.environ.get(VARIABLE, "")
    return Failpoints(given, os.environ.get(f"{VARIABLE}_SEED", "")).reached if given else _nothing


reached = _from_environment()
"""Say that *point* is reached: `await failpoints.reached("saved")`."""
