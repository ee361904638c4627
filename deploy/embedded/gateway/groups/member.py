"""A member of a consumer group."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kio.schema.errors import ErrorCode


class Refused(Exception):
    """The group refuses a request. Consequence: the client gets the error code and acts on it."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code.name)
        self.code = code


@dataclass(frozen=True)
class Profile:
    """What a member says of itself when it joins. Times are in seconds."""

    client_id: str
    host: str
    instance_id: str | None
    session_timeout: float
    rebalance_timeout: float
    protocol_type: str
    protocols: Mapping[str, bytes]  # assignment strategies, best first, each with its subscription


@dataclass(frozen=True)
class Joined:
    """What a member learns when all have joined. Only the leader learns of the others."""

    member_id: str
    generation: int
    protocol_type: str
    protocol: str
    leader: str
    members: Sequence["Member"]


@dataclass
class Member:
    """A member, and what it waits for."""

    id: str
    profile: Profile
    deadline: float = 0.0  # it must be heard of until then
    assignment: bytes = b""
    joining: asyncio.Future[Joined] | None = None
    syncing: asyncio.Future[bytes] | None = None

    def note_sign_of_life(self, now: float) -> None:
        self.deadline = now + self.profile.session_timeout

    def is_silent(self, now: float) -> bool:
        """Whether its session has ended. One that waits for us cannot send anything."""
        return now > self.deadline and self.joining is None

    def answer_join(self, joined: Joined) -> None:
        if self.joining is not None and not self.joining.done():
            self.joining.set_result(joined)
        self.joining = None

    def answer_sync(self) -> None:
        if self.syncing is not None and not self.syncing.done():
            self.syncing.set_result(self.assignment)
        self.syncing = None

    def refuse(self, code: ErrorCode) -> None:
        """Let whatever it waits for fail."""
        if self.joining is not None and not self.joining.done():
            self.joining.set_exception(Refused(code))
        self.joining = None
        self.refuse_sync(code)

    def refuse_sync(self, code: ErrorCode) -> None:
        if self.syncing is not None and not self.syncing.done():
            self.syncing.set_exception(Refused(code))
        self.syncing = None
