"""The layout of the stored data.

It has a number, so that a store of another version is refused in a sentence.
"""

from typing import Final

from shared.errors import SettingsError

LAYOUT: Final = 3
"""Goes up whenever data written before can no longer be read as it is. There are no migrations
before 0.1.0.
"""


def require_layout(found: int, address: str) -> None:
    """Raises SettingsError unless *found* is this version's layout.

    0 is that of stores before it had a number.
    """
    if found != LAYOUT:
        raise SettingsError(
            f"the store {address} has layout {found}, but this version of Seedwire reads only"
            f" layout {LAYOUT}. Export its articles with the version that wrote it, name another"
            " store in SEEDWIRE_STORE, and drop them into that"
        )
