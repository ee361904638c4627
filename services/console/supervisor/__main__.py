"""`python -m services.console.supervisor`: the process that `seedwire up --detach` starts."""

import asyncio
import logging
import sys

from services.console.supervisor.state_dir import StateDir
from services.console.supervisor.supervisor import Supervisor
from shared.errors import SeedwireError
from shared.runtime import exit_codes
from shared.runtime.logging import logs
from shared.runtime.process_exit import skip_last_collection
from shared.settings import Settings, load_settings


def main() -> int:
    """Run the supervisor until SIGTERM or SIGINT; returns the exit code."""
    skip_last_collection()
    settings = load_settings(Settings)
    logs.configure_from(settings, "supervisor")
    try:
        asyncio.run(Supervisor(StateDir(settings.home.absolute()), settings).run())
    except SeedwireError as error:
        logging.getLogger(__name__).error("%s", error)
        return exit_codes.exit_code_for(error)
    return exit_codes.OK


if __name__ == "__main__":
    sys.exit(main())
