"""One consumer group: its members, its generations, and the rebalances between them."""

import asyncio
import uuid
from collections.abc import Mapping
from enum import Enum
from typing import Final, TypeVar

from kio.schema.errors import ErrorCode

from deploy.embedded.gateway.groups.member import Joined, Member, Profile, Refused
from deploy.embedded.gateway.groups.strategies import choose_strategy, is_compatible

# Members that start together join the same generation.
FIRST_WAIT: Final = 0.2  # seconds

Answer = TypeVar("Answer")


class State(Enum):
    """The states of Kafka's own groups, by the names that it describes them with."""

    EMPTY = "Empty"
    JOINING = "PreparingRebalance"
    SYNCING = "CompletingRebalance"
    STABLE = "Stable"


class Group:
    """A consumer group. Every method takes the time, in seconds of a monotonic clock."""

    def __init__(self) -> None:
        self.state = State.EMPTY
        self.generation = 0
        self.protocol_type = ""
        self.protocol = ""
        self.leader = ""
        self.members: dict[str, Member] = {}
        self._not_before = 0.0  # a rebalance is not completed before
        self._deadline = 0.0  # of the rebalance: who is not ready by then is removed

    def join(self, member_id: str, profile: Profile, now: float) -> asyncio.Future[Joined]:
        """Become a member, or join the next generation. Raises Refused.

        The future is done when all members have joined.
        """
        self._require_common_protocol(member_id, profile)
        member = self._admit(member_id, profile)
        is_changed = member.profile.protocols != profile.protocols or member.deadline == 0.0
        member.profile = profile
        member.note_sign_of_life(now)
        is_current = self.state is State.SYNCING or member.id != self.leader
        if self.state in (State.SYNCING, State.STABLE) and is_current and not is_changed:
            return _done(self._describe_to(member))
        if member.joining is None:
            member.joining = asyncio.get_running_loop().create_future()
        waiting = member.joining
        self._begin_rebalance(now)
        return waiting

    def sync(
        self, member_id: str, generation: int, assignments: Mapping[str, bytes], now: float
    ) -> asyncio.Future[bytes]:
        """Learn the own assignment; the leader brings everybody's. Raises Refused."""
        member = self._require_member(member_id, generation)
        member.note_sign_of_life(now)
        if self.state is State.JOINING:
            raise Refused(ErrorCode.rebalance_in_progress)
        if self.state is State.STABLE:
            return _done(member.assignment)
        if member.syncing is None:
            member.syncing = asyncio.get_running_loop().create_future()
        waiting = member.syncing
        if member.id == self.leader:
            self._assign(assignments)
        return waiting

    def heartbeat(self, member_id: str, generation: int, now: float) -> None:
        """Prolong the member's session. Raises Refused, also while it should join again."""
        member = self._require_member(member_id, generation)
        member.note_sign_of_life(now)
        if self.state is State.JOINING:
            raise Refused(ErrorCode.rebalance_in_progress)

    def leave(self, member_id: str, now: float) -> None:
        """Remove a member. Raises Refused if there is none of this id."""
        if member_id not in self.members:
            raise Refused(ErrorCode.unknown_member_id)
        self._remove(member_id, now)

    def require_may_commit(self, member_id: str, generation: int, now: float) -> None:
        """Raises Refused unless the member may commit offsets.

        Clients that manage their partitions themselves commit without being members.
        """
        if generation < 0 and not self.members:
            return
        self._require_member(member_id, generation).note_sign_of_life(now)
        if self.state is State.SYNCING:
            raise Refused(ErrorCode.rebalance_in_progress)

    def find_static_member(self, instance_id: str | None) -> str:
        """The id of the member with this name, or nothing."""
        for member in self.members.values():
            if instance_id is not None and member.profile.instance_id == instance_id:
                return member.id
        return ""

    def check_time(self, now: float) -> None:
        """Remove silent members; finish a rebalance that is due. Call it several times a second."""
        silent = [member.id for member in self.members.values() if member.is_silent(now)]
        for member_id in silent:
            self._remove(member_id, now)
        if self.state is State.JOINING:
            self._finish_joining_if_due(now)
        elif self.state is State.SYNCING and now > self._deadline:
            late = [member.id for member in self.members.values() if member.syncing is None]
            for member_id in late:
                self._remove(member_id, now)

    def _require_common_protocol(self, member_id: str, profile: Profile) -> None:
        others = [member.profile for member in self.members.values() if member.id != member_id]
        if not is_compatible(profile, others):
            raise Refused(ErrorCode.inconsistent_group_protocol)

    def _admit(self, member_id: str, profile: Profile) -> Member:
        """The member, a new one if it has no id yet. A static member takes its former place."""
        former = self.find_static_member(profile.instance_id)
        if member_id and former and former != member_id:
            raise Refused(ErrorCode.fenced_instance_id)
        if member_id:
            return self._require_known(member_id)
        if former:
            self.members.pop(former).refuse(ErrorCode.fenced_instance_id)
        member = Member(f"{profile.instance_id or profile.client_id}-{uuid.uuid4()}", profile)
        self.members[member.id] = member
        return member

    def _require_known(self, member_id: str) -> Member:
        if member_id not in self.members:
            raise Refused(ErrorCode.unknown_member_id)
        return self.members[member_id]

    def _require_member(self, member_id: str, generation: int) -> Member:
        member = self._require_known(member_id)
        if generation != self.generation:
            raise Refused(ErrorCode.illegal_generation)
        return member

    def _remove(self, member_id: str, now: float) -> None:
        member = self.members.pop(member_id, None)
        if member is not None:
            member.refuse(ErrorCode.unknown_member_id)
            self._begin_rebalance(now)

    def _begin_rebalance(self, now: float) -> None:
        """Have every member join again, unless they are at it already."""
        if self.state is not State.JOINING:
            self._not_before = now + FIRST_WAIT if self.state is State.EMPTY else now
            timeouts = [member.profile.rebalance_timeout for member in self.members.values()]
            self._deadline = now + max(timeouts, default=0.0)
            self.state = State.JOINING
            for member in self.members.values():
                member.refuse_sync(ErrorCode.rebalance_in_progress)
        self._finish_joining_if_due(now)

    def _finish_joining_if_due(self, now: float) -> None:
        absent = [member.id for member in self.members.values() if member.joining is None]
        if now < self._not_before or (absent and now <= self._deadline):
            return
        for member_id in absent:
            self.members.pop(member_id).refuse(ErrorCode.unknown_member_id)
        self._begin_generation(now)

    def _begin_generation(self, now: float) -> None:
        self.generation += 1
        if not self.members:
            self.state, self.leader, self.protocol = State.EMPTY, "", ""
            return
        self.state = State.SYNCING
        members = list(self.members.values())
        if self.leader not in self.members:
            self.leader = members[0].id
        self.protocol_type = members[0].profile.protocol_type
        self.protocol = choose_strategy([member.profile for member in members])
        self._deadline = now + max(member.profile.rebalance_timeout for member in members)
        for member in members:
            member.assignment = b""
            member.note_sign_of_life(now)
            member.answer_join(self._describe_to(member))

    def _describe_to(self, member: Member) -> Joined:
        members = list(self.members.values()) if member.id == self.leader else []
        return Joined(
            member.id,
            self.generation,
            self.protocol_type,
            self.protocol,
            self.leader,
            members,
        )

    def _assign(self, assignments: Mapping[str, bytes]) -> None:
        self.state = State.STABLE
        for member in self.members.values():
            member.assignment = assignments.get(member.id, b"")
            member.answer_sync()


def _done(answer: Answer) -> asyncio.Future[Answer]:
    future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    future.set_result(answer)
    return future
