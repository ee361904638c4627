"""All consumer groups, and the clock that moves them."""

import asyncio
from collections.abc import Callable
from typing import Final

from kio.schema.errors import ErrorCode

from deploy.embedded.gateway.groups.awake_clock import AwakeClock
from deploy.embedded.gateway.groups.group import Group, State
from deploy.embedded.gateway.groups.member import Refused

_CHECK_INTERVAL: Final = 0.1  # seconds; sessions last seconds


class Coordinator:
    """The groups that have members. A group without any is forgotten, its offsets are not."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self.clock = clock or AwakeClock().read
        self.groups: dict[str, Group] = {}

    def find(self, group_id: str) -> Group:
        """The group, without members if it is not known. It is kept once it has one."""
        return self.groups.get(group_id) or Group()

    def find_or_create(self, group_id: str) -> Group:
        return self.groups.setdefault(group_id, Group())

    def forget(self, group_id: str) -> None:
        """Forget a group at once, if it has no members. Raises Refused if it has some."""
        if self.find(group_id).members:
            raise Refused(ErrorCode.non_empty_group)
        self.groups.pop(group_id, None)

    def check_time(self) -> None:
        """End sessions and rebalances that are due; forget empty groups."""
        now = self.clock()
        for group in self.groups.values():
            group.check_time(now)
        self.groups = {
            group_id: group
            for group_id, group in self.groups.items()
            if group.members or group.state is not State.EMPTY
        }

    async def run(self) -> None:
        """Look at the clock until cancelled."""
        while True:
            await asyncio.sleep(_CHECK_INTERVAL)
            self.check_time()
