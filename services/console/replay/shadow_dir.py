"""The directory of the shadow: its database, and the rules that were tried on it."""

import json
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from services.console.supervisor.lockfile import hold_lock
from shared.errors import SeedwireError, SettingsError


class NoShadow(SeedwireError):
    """There is no shadow to promote. Consequence: exit code 1."""


class ShadowDir:
    """The directory `shadow` in the state directory."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir.absolute() / "shadow"

    def lock(self) -> AbstractContextManager[None]:
        """Allow one replay at a time: what is promoted must be what was shown.

        Raises SettingsError if another replay holds the lock; does not wait.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        message = f"another `seedwire replay` is running in {self.path.parent}: wait until it ends"
        return hold_lock(self.path.with_name("shadow.lock"), SettingsError(message))

    @property
    def store_url(self) -> str:
        return f"sqlite:///{self.path / 'seedwire.db'}?synchronous=normal"

    @property
    def exists(self) -> bool:
        return self.path.exists()

    @property
    def rules_file(self) -> Path:
        """The rules that were tried, as JSON."""
        return self.path / "rules.json"

    @property
    def promoting_file(self) -> Path:
        """Exists while a promotion is under way."""
        return self.path / "promoting"

    @property
    def is_promoting(self) -> bool:
        return self.promoting_file.exists()

    def save_rules(self, rules: Mapping[str, str]) -> None:
        self.rules_file.write_text(json.dumps(dict(rules)))

    def load_rules(self) -> dict[str, str]:
        """Raises NoShadow."""
        try:
            rules: dict[str, str] = json.loads(self.rules_file.read_text())
        except FileNotFoundError as error:
            command = "seedwire replay --rules FILE --shadow"
            raise NoShadow(f"there is no shadow: try rules first, with `{command}`") from error
        return rules

    def delete(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
