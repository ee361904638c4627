"""Runs the supervisor in the process of the command. Its import loads all of the supervisor."""

import asyncio

from services.console.supervisor.state_dir import StateDir, StateDirLocked
from services.console.supervisor.supervisor import Supervisor
from shared.errors import SeedwireError
from shared.settings import Settings


def run_supervisor(state_dir: StateDir, settings: Settings) -> None:
    """Run a supervisor in this process until SIGINT or SIGTERM. Raises SeedwireError."""
    try:
        asyncio.run(Supervisor(state_dir, settings).run())
    except StateDirLocked as error:
        raise SeedwireError(
            f"{error}: `seedwire status` shows its services, `seedwire down` stops it"
        ) from error
