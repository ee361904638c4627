"""The token of an installation whose settings name none: made once, readable by its owner alone."""

import os
import secrets
from pathlib import Path

from services.console.web.settings import TOKEN_FILE, ConsoleSettings


def load_token(settings: ConsoleSettings) -> str:
    """The token with which people sign in; empty where a proxy says who they are."""
    if settings.configured_token or settings.console_identity_header:
        return settings.configured_token
    return _load_or_make(settings.home / TOKEN_FILE)


def _load_or_make(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32))
    try:
        os.link(fresh, path)  # fails if another process was first: then its token holds
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text().strip()
