"""`python -m services.console.supervisor`: the supervisor on its own, as `seedwire up --detach` starts it."""

import asyncio
import logging
import sys

from services.console.supervisor.state_dir import Home
from services.console.supervisor.supervisor import Supervisor
from shared.errors import SeedwireError
from shared.runtime import logs
from shared.settings import Settings, read


def main() -> int:
    settings = read(Settings)
    logs.configure("supervisor", settings.log_level)
    try:
        asyncio.run(Supervisor(Home(settings.home.absolute()), settings).work())
    except SeedwireError as error:
        logging.getLogger(__name__).error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
