"""The layout of what is kept. It is counted, so that a store of another version is refused with a sentence."""

from typing import Final

from shared.errors import SettingsError

LAYOUT: Final = 1
"""One more whenever what was kept before can no longer be read as it is. Nothing is migrated before 0.1.0."""


def demand(found: int, address: str) -> None:
    """Raises SettingsError unless *found* is the layout of this version; 0 is that of stores before it was counted."""
    if found != LAYOUT:
        raise SettingsError(
            f"the store {address} has layout {found}, and this version of Seedwire reads layout {LAYOUT} alone."
            " Export its articles with the version that made it, name another store in SEEDWIRE_STORE, and drop them in"
        )
