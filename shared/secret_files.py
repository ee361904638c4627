"""Secrets in files, as container platforms mount them: the content is the secret."""

from pathlib import Path

from shared.errors import SettingsError


def read_secret(variable: str, file: Path) -> str:
    """The content of *file*, without the line feed at its end.

    Raises SettingsError, which names the *variable* and never the secret.
    """
    try:
        secret = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise SettingsError(f"{variable}: {file} cannot be read: {reason}") from error
    if not secret:
        raise SettingsError(f"{variable}: {file} is empty")
    return secret


def find_secret_fault(variable: str, file: Path) -> str | None:
    """Why there is no secret in *file*; None if there is one."""
    try:
        read_secret(variable, file)
    except SettingsError as error:
        return str(error)
    return None
