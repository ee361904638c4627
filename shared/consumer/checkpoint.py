"""How far a reader has come: to be saved with what it keeps, and to continue from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class Checkpoint:
    """Everything before it was handled.

    Save it in one transaction with the copy that it belongs to, or after it: what follows an older
    checkpoint comes again, and a copy that keeps the highest revision does not mind.
    """

    cluster: str = ""
    """The id of the Kafka cluster whose offsets these are; empty before the first snapshot."""
    offsets: Mapping[int, int] = field(default_factory=dict)
    """The next offset to read in each partition of the log."""
    shown: Mapping[str, int] = field(default_factory=dict)
    """What is shown, each with its revision."""
    ended: Mapping[str, int] = field(default_factory=dict)
    """What ended, each with its revision: a late repeat must not bring it back."""

    def to_json(self) -> str:
        offsets = {str(partition): offset for partition, offset in self.offsets.items()}
        return json.dumps(
            {
                "cluster": self.cluster,
                "offsets": offsets,
                "shown": dict(self.shown),
                "ended": dict(self.ended),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError or KeyError if the text is not a checkpoint."""
        read = json.loads(text)
        offsets = {int(partition): offset for partition, offset in read["offsets"].items()}
        return cls(read["cluster"], offsets, read["shown"], read["ended"])
