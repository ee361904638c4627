"""How far the store's schema has come, and what ends the time of older versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class SchemaState:
    """The layout: the lowest step that a version must know. And the steps that were applied."""

    layout: int
    applied: Sequence[int]  # in ascending order; may have steps that this version does not know


class Schema(Protocol):
    """Opening a store applies the missing steps; `seedwire upgrade` does the rest."""

    async def load_state(self) -> SchemaState:
        """The state now, which another process may change at any time."""

    async def set_layout(self, layout: int) -> None:
        """Refuse the store, from now on, to versions that do not know step *layout*.

        Processes that have opened it already go on.
        """

    async def drop_unused(self) -> list[str]:
        """Drop what only older versions used; returns the names of what was there."""
