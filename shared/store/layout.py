"""The schema of the stored data: its layout, and the numbered steps that were added since.

The layout is the lowest step that a version must know to use the store. Steps add tables, columns,
indexes, collections, and change nothing that an older version sees. So they leave the layout as it
is, and an older version goes on working beside a newer one. docs/upgrade.md says how a step is
added.
"""

from collections.abc import Mapping
from typing import Final

from shared.errors import SettingsError

LAYOUT: Final = 3
"""Of a new store, and of the oldest that can be read. Older ones had no steps."""

STEPS: Final[Mapping[int, str]] = {
    4: "heartbeats say which step their process knows",
    5: "the history of articles and stories, and the acts of people",
    6: "rejected records keep the text that was sent last in their place",
    7: "the feed snapshot says by which formula it was made, and heartbeats how a service works",
    8: "in SQLite, the rows of tables with wide rows have an id of their own",
}
"""What each step brings. An adapter that needs statements for a step has them under its number."""

SCHEMA: Final = max(STEPS)
"""The newest step that this version knows."""


def require_layout(found: int, address: str) -> None:
    """Raises SettingsError unless this version can use a store of the layout *found*.

    0 is that of stores before it had a number.
    """
    if found < LAYOUT:
        raise SettingsError(
            f"the store {address} has layout {found}, but this version of Seedwire reads only"
            f" layout {LAYOUT} and newer. Export its articles with the version that wrote it, name"
            " another store in SEEDWIRE_STORE, and drop them into that"
        )
    if found > SCHEMA:
        raise SettingsError(
            f"the store {address} belongs to a newer version of Seedwire: since `seedwire upgrade"
            f" --finish` it needs one that knows step {found}, and this one knows step {SCHEMA}."
            " Start the newer version, or restore the store from a copy made before"
        )
