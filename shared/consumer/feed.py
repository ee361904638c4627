"""A log and its compacted state, and what a record of theirs says. Pure.

Readers ignore what they do not know: other types of events, and other fields of known ones.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias

from pydantic import ValidationError

from shared.consumer.changes import Change, Ended, Removal, Shown, Upsert
from shared.events.public.block import PublicBlock

_TOMBSTONE_ID: Final = re.compile(r"(.+)\.([1-9][0-9]{0,17})\.tombstone", re.DOTALL)


@dataclass(frozen=True)
class Feed(Generic[Shown, Ended]):
    """A log and its compacted state, both keyed by the id of what they are about."""

    log: str
    state: str
    revision_field: str
    shown: Mapping[str, type[Shown]]
    """The model of each type of event that shows something, by its `ce_type`."""
    ended: Mapping[str, type[Ended]]
    """The model of each type of event that ends something."""
    tombstone: str
    """The `ce_type` of a record without a value in the state."""

    def read(self, record: Any) -> "Reading[Shown, Ended]":
        """What a record of aiokafka says. Never raises: any bytes may stand in a topic."""
        event_type = _read_header(record, "ce_type")
        if record.value is None:
            return self._read_tombstone(record, event_type)
        if event_type in self.shown or event_type in self.ended:
            return self._read_event(record, event_type)
        return Ignored() if event_type else Junk("it has no header ce_type")

    def _name(self, data: PublicBlock) -> tuple[str, int]:
        """The id and the revision in an event's data."""
        return str(vars(data)["id"]), int(vars(data)[self.revision_field])

    def _read_tombstone(self, record: Any, event_type: str) -> "Reading[Shown, Ended]":
        if event_type != self.tombstone:
            return Junk(f"it has no value, and is no {self.tombstone}")
        named = _TOMBSTONE_ID.fullmatch(_read_header(record, "ce_id"))
        if named is None or named[1].encode() != record.key:
            return Junk("its ce_id names no revision of its key")
        return Removal(named[1], int(named[2]), None)

    def _read_event(self, record: Any, event_type: str) -> "Reading[Shown, Ended]":
        model = self.shown.get(event_type) or self.ended[event_type]
        try:
            data = model.model_validate_json(record.value, extra="ignore")
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            field = ".".join(str(part) for part in fault["loc"])
            return Junk(f"{field or 'its value'}: {fault['msg']}")
        name, revision = self._name(data)
        if record.key != name.encode():
            return Junk("its key is not the id in its data")
        if event_type in self.shown:
            return Upsert(name, revision, data)  # type: ignore[arg-type]
        return Removal(name, revision, data)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Ignored:
    """A record of a type that this reader does not know. It says nothing."""


@dataclass(frozen=True)
class Junk:
    """A record that is none of Seedwire's events, and why."""

    cause: str


Reading: TypeAlias = Change[Shown, Ended] | Ignored | Junk


def _read_header(record: Any, name: str) -> str:
    for key, value in record.headers:
        if key == name and value is not None:
            return bytes(value).decode(errors="replace")
    return ""
