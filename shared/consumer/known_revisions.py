"""Which revision of each article is known, so that every change is told once. Pure."""

from collections.abc import Mapping
from enum import Enum

from shared.consumer.checkpoint import Checkpoint


class RevisionStatus(Enum):
    """How a revision that was read stands to those that are known, and what follows."""

    NEW = "it is told"
    REPEAT = "it is skipped: it is not higher than what is known"
    AFTER_GAP = "it is told, and a snapshot is taken: a revision before it was missed"


class KnownRevisions:
    """The highest known revision of everything, whether it is shown or has ended.

    A new cluster counts anew: there the first revision of an article counts, whichever it is,
    because its store may have been restored from a backup.
    """

    def __init__(self, shown: Mapping[str, int], ended: Mapping[str, int]) -> None:
        self._shown = dict(shown)
        self._ended = dict(ended)
        self._unconfirmed: dict[str, int] = {}  # shown, but of an earlier cluster
        self._seen: set[str] | None = None  # in the snapshot that is being read

    def begin_cluster(self) -> None:
        """What is known is of another cluster; what is shown stays until this one says more."""
        self._unconfirmed |= self._shown
        self._shown, self._ended = {}, {}

    def begin_snapshot(self) -> None:
        self._seen = set()

    def finish_snapshot(self) -> dict[str, int]:
        """End what is shown and not in the snapshot; returns it, each with its last revision."""
        seen, self._seen = self._seen or set(), None
        known = self._unconfirmed | self._shown
        gone = {name: revision for name, revision in known.items() if name not in seen}
        for name, revision in gone.items():
            self._unconfirmed.pop(name, None)
            self._shown.pop(name, None)
            self._ended[name] = revision
        return gone

    def note(self, name: str, revision: int, *, is_end: bool) -> RevisionStatus:
        """Take a revision down, unless it is a repeat."""
        if self._seen is not None:
            self._seen.add(name)
        known = self._shown.get(name) or self._ended.get(name)
        if known is not None and revision <= known:
            return RevisionStatus.REPEAT
        is_told = self._unconfirmed.pop(name, None) == revision and not is_end
        self._shown.pop(name, None)
        self._ended.pop(name, None)
        (self._ended if is_end else self._shown)[name] = revision
        if is_told:
            return RevisionStatus.REPEAT
        is_gap = known is not None and revision > known + 1 and self._seen is None
        return RevisionStatus.AFTER_GAP if is_gap else RevisionStatus.NEW

    def build_checkpoint(self, cluster: str, offsets: Mapping[int, int]) -> Checkpoint:
        return Checkpoint(
            cluster, dict(offsets), self._unconfirmed | self._shown, dict(self._ended)
        )
