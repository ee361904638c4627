"""What a consumer told, line by line, beside what is true. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

MAX_FAULTS: Final = 8
"""Of one scenario: a consumer that is wrong about everything need not say so of each article."""


Order: TypeAlias = Literal["strict", "with repeats", "anew"]
"""In which order a consumer may tell revisions of one article: each higher than the one before;
or also the same again, because it read anew; or from any on, because another cluster counts anew.
"""


@dataclass(frozen=True)
class Told:
    """One change, as a consumer tells it."""

    op: Literal["upsert", "remove"]
    id: str
    revision: int | None


@dataclass
class Transcript:
    """Everything that one process of a consumer said."""

    told: list[Told] = field(default_factory=list)
    final: dict[str, int] | None = None
    faults: list[str] = field(default_factory=list)
    """Lines that are no JSON of the protocol, each in a sentence."""

    @property
    def shown(self) -> dict[str, int]:
        """What it shows by its own words."""
        return fold({}, self.told)

    def read_line(self, line: str) -> None:
        """Take down one line of its standard output."""
        try:
            said = json.loads(line)
            if "final" in said:
                self.final = _read_map(said["final"])
            else:
                self.told.append(_read_change(said))
        except (ValueError, TypeError, KeyError):
            shortened = line if len(line) <= 80 else f"{line[:79]}…"
            self.faults.append(f"a line of its output is not of the protocol: {shortened}")


def _read_map(value: object) -> dict[str, int]:
    if not isinstance(value, dict):
        raise TypeError
    return {str(name): int(revision) for name, revision in value.items()}


def _read_change(said: Mapping[str, object]) -> Told:
    op, name, revision = said["op"], said["id"], said.get("revision")
    if not isinstance(name, str) or not (revision is None or isinstance(revision, int)):
        raise TypeError
    if op == "upsert" and isinstance(revision, int):
        return Told("upsert", name, revision)
    if op == "remove":
        return Told("remove", name, revision)
    raise ValueError


def fold(before: Mapping[str, int], told: Iterable[Told]) -> dict[str, int]:
    """What is shown after these changes."""
    shown = dict(before)
    for change in told:
        if change.op == "upsert" and change.revision is not None:
            shown[change.id] = change.revision
        else:
            shown.pop(change.id, None)
    return shown


def find_faults(transcript: Transcript, truth: Mapping[str, int], order: Order) -> list[str]:
    """What the consumer got wrong, a sentence each. *truth* is what is to be shown in the end."""
    faults = [*transcript.faults, *_find_order_faults(transcript.told, order)]
    if transcript.final is None:
        faults.append("it did not tell its final map after SIGTERM")
    else:
        faults += _find_differences(transcript.final, truth)
    distinct = list(dict.fromkeys(faults))
    surplus = len(distinct) - MAX_FAULTS
    if surplus > 0:
        return [*distinct[:MAX_FAULTS], f"and {surplus} more"]
    return distinct


def _find_order_faults(told: Iterable[Told], order: Order) -> list[str]:
    """Revisions that were told twice, or after a higher one."""
    faults: list[str] = []
    if order == "anew":
        return faults
    highest: dict[str, int] = {}
    for change in told:
        if change.op == "remove" and change.revision is None:
            continue
        revision = change.revision or 0
        before = highest.get(change.id, 0)
        if change.op == "upsert" and revision < before:
            faults.append(f"it went back to revision {revision} of {change.id} after {before}")
        elif change.op == "upsert" and revision == before and order == "strict":
            faults.append(f"it told revision {revision} of {change.id} twice")
        highest[change.id] = max(before, revision)
    return faults


def _find_differences(final: Mapping[str, int], truth: Mapping[str, int]) -> list[str]:
    faults = []
    for name in sorted(truth.keys() - final.keys()):
        faults.append(f"it does not show {name}, whose revision {truth[name]} is published")
    for name in sorted(final.keys() - truth.keys()):
        faults.append(f"it shows {name}, which is not published")
    for name in sorted(final.keys() & truth.keys()):
        if final[name] != truth[name]:
            faults.append(f"it shows revision {final[name]} of {name} instead of {truth[name]}")
    return faults
