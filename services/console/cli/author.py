"""Who does what an editor does: adds an override, promotes rules."""

import getpass


def resolve_author(given: str) -> str:
    """The name that was given, or else the login name."""
    try:
        return given or getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "operator"
