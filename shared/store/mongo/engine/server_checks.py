"""What a server must be like before we use it: its version, and our indexes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pymongo import IndexModel
from pymongo.errors import OperationFailure

from shared.errors import SettingsError

Indexes = Mapping[str, Sequence[IndexModel]]

# Older versions give up on groups and sorts of more than 100 MB in memory, as the integrity check
# of pictures needs them.
MIN_VERSION: Final = (6, 0)

_COMMAND_NOT_FOUND: Final = 59
_INDEX_CONFLICTS: Final = (85, 86)  # of the same fields under another name, or the other way round


async def require_version(database: Any, address: str) -> None:
    """Raises SettingsError for a MongoDB that is too old.

    Other servers that speak its protocol announce whatever version a driver expects of them, so
    they are not refused for it; MongoDB alone says what it was built in.
    """
    try:
        info = await database.command("buildInfo")
    except OperationFailure as error:
        if error.code == _COMMAND_NOT_FOUND:
            return
        raise
    version = tuple(info.get("versionArray", ()))
    if "buildEnvironment" in info and version[:2] < MIN_VERSION:
        needed = ".".join(map(str, MIN_VERSION))
        raise SettingsError(
            f"the store {address} is MongoDB {info['version']}, but Seedwire needs MongoDB {needed}"
            " or newer: upgrade it, or name another store in SEEDWIRE_STORE"
        )


async def create_indexes(collection: Any, models: Sequence[IndexModel], address: str) -> None:
    """Create those that are missing; waits for builds that another process began.

    A build goes on when its client is gone, so after a timeout the next start finds it further.
    Raises SettingsError if an index has the name, but not the fields, of one of ours.
    """
    for model in models:
        try:
            await collection.create_indexes([model])
        except OperationFailure as error:
            if error.code not in _INDEX_CONFLICTS:
                raise
            raise SettingsError(_describe_conflict(collection, model, address)) from error


def _describe_conflict(collection: Any, model: IndexModel, address: str) -> str:
    name = model.document["name"]
    fields = ", ".join(f"{field}: {order}" for field, order in model.document["key"].items())
    return (
        f"the index {name!r} of the collection {collection.name!r} in the store {address} is"
        f" defined otherwise than Seedwire needs it, which is {{{fields}}}: drop it with"
        f" db.{collection.name}.dropIndex({name!r}) and start again, or name another store in"
        " SEEDWIRE_STORE"
    )
