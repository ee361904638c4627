"""Which members of a large story have been compared with its lead, and need not be again.

The lead of a story gives way only to an article that leads and is better. A story of thousands is
not read for each article that joins it: those that were compared are not better, as long as the
lead and its version are the same. Whoever is decided anew is compared anew.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.publishing.deciding.ranking import Contender
from shared.store import Story

SMALL_STORY: Final = 32  # so many members are always compared
MAX_KEPT: Final = 50_000  # members of stories, of some 200 bytes each


@dataclass(frozen=True)
class _Comparison:
    lead: str
    lead_version: int
    members: frozenset[str]


class ComparedMembers:
    """Other workers decide other members: each compares with the lead those that it decides."""

    def __init__(self, max_kept: int = MAX_KEPT) -> None:
        self._max_kept = max_kept
        self._kept: OrderedDict[str, _Comparison] = OrderedDict()
        self._size = 0

    def choose(
        self, story: Story, holder: Contender | None, decided: Mapping[str, bool]
    ) -> set[str]:
        """The members that may take the lead from *holder*, the lead of *story* so far.

        *decided* says of articles that were just decided whether they lead.
        """
        members = {*story.members}
        kept = self._kept.get(story.id)
        if kept is None or holder is None or not _is_current(kept, story, holder):
            return members
        leading = {member for member in members & decided.keys() if decided[member]}
        return (members - kept.members) | leading

    def keep(self, story: Story, lead: Contender | None) -> None:
        """Keep that *lead* was compared with all members of *story*."""
        self._forget(story.id)
        if lead is None or len(story.members) <= SMALL_STORY:
            return
        self._kept[story.id] = _Comparison(lead.id, lead.version, frozenset(story.members))
        self._size += len(story.members)
        while self._size > self._max_kept:
            self._forget(next(iter(self._kept)))

    def _forget(self, story_id: str) -> None:
        kept = self._kept.pop(story_id, None)
        if kept:
            self._size -= len(kept.members)


def _is_current(kept: _Comparison, story: Story, holder: Contender) -> bool:
    is_same = (kept.lead, kept.lead_version) == (story.lead, holder.version)
    return is_same and holder.is_lead and story.lead in story.members
