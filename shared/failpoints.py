"""Failpoints: named places where a test may let a process die, stop, wait or fail.

`SEEDWIRE_FAILPOINTS` switches them on. It is read once, at import, for tests alone; it is no
setting of the product. While it is unset, `hit` does nothing.

Its value holds rules, or `@FILE`: then the rules are in that file, which is read again whenever it
changes, and each rule that fires is noted in `FILE.fired`. Rules are separated by `;`:

    POINT=ACTION[(SECONDS)][@N | @* | %P]        saved=kill@3;sent=raise;store.*=delay(0.2)%0.1

POINT may hold wildcards. ACTION is one of:

- `kill`: SIGKILL to this process;
- `stop`: SIGSTOP to this process;
- `raise`: a DependencyUnavailable, as after a timeout (what came before the point has happened);
- `delay`: wait.

A rule fires at the Nth time its point is hit (by default the first), each time (`@*`), or each
time by chance (`%P`, 0 to 1; seeded by `SEEDWIRE_FAILPOINTS_SEED`).
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

from shared.errors import DependencyUnavailable, SettingsError

VARIABLE: Final = "SEEDWIRE_FAILPOINTS"
_RULE: Final = re.compile(
    r"(?P<point>[\w.*-]+)=(?P<action>kill|stop|raise|delay)(\((?P<seconds>[\d.]+)\))?"
    r"(@(?P<nth>\d+)|(?P<always>@\*)|%(?P<chance>[\d.]+))?"
)


@dataclass
class Rule:
    """One rule, and how often its point was hit since the rule was read."""

    text: str
    point: str
    action: str
    seconds: float
    nth: int = 1
    chance: float | None = None  # None: at the nth time alone
    hits: int = 0

    def should_fire(self, point: str, draw: Callable[[], float]) -> bool:
        """Counts the hit if *point* is this rule's. *draw* returns a random number below 1."""
        if not fnmatchcase(point, self.point):
            return False
        self.hits += 1
        return self.hits == self.nth if self.chance is None else draw() < self.chance


def parse_rules(text: str) -> list[Rule]:
    """The rules that *text* holds. Raises SettingsError for one that cannot be read."""
    parts = (part.strip() for part in text.split(";"))
    return [_parse_rule(part) for part in parts if part]


def _parse_rule(text: str) -> Rule:
    match = _RULE.fullmatch(text)
    if match is None:
        raise SettingsError(
            f"{VARIABLE}: {text!r} is no rule; expected POINT=ACTION[(SECONDS)][@N | @* | %P]"
        )
    return Rule(
        text,
        match["point"],
        match["action"],
        float(match["seconds"] or 1),
        int(match["nth"] or 1),
        _parse_chance(match),
    )


def _parse_chance(match: re.Match[str]) -> float | None:
    if match["always"]:
        return 1.0
    return float(match["chance"]) if match["chance"] else None


class Failpoints:
    """The rules of this process, and their effects."""

    def __init__(self, value: str, seed: str) -> None:
        self._file: Path | None = None
        self._rules: list[Rule] = []
        if value.startswith("@"):
            self._file = Path(value[1:])
        else:
            self._rules = parse_rules(value)
        self._modified = 0
        self._random = random.Random(seed)

    async def hit(self, point: str) -> None:
        """Do what the rules say of *point*.

        Raises DependencyUnavailable, blocks, or never returns because the process is killed.
        """
        for rule in self._load_rules():
            if rule.should_fire(point, self._random.random):
                self._note(point, rule)
                await _act(rule, point)

    def _load_rules(self) -> list[Rule]:
        if self._file is None:
            return self._rules
        modified = self._file.stat().st_mtime_ns if self._file.exists() else 0
        if modified != self._modified:
            self._modified = modified
            self._rules = parse_rules(self._file.read_text()) if modified else []
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
            raise DependencyUnavailable(
                f"failpoint {point}: what came before it has happened, and the answer was lost"
            )


async def _do_nothing(point: str) -> None:
    """No failpoint is on."""


def _read_environment() -> Callable[[str], Awaitable[None]]:
    value = os.environ.get(VARIABLE, "")
    if not value:
        return _do_nothing
    return Failpoints(value, os.environ.get(f"{VARIABLE}_SEED", "")).hit


hit = _read_environment()
"""Say that the process has come to a point: `await failpoints.hit("saved")`."""
