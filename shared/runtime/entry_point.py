"""What the entry points of all processes share: how an error ends the process."""

import logging
from collections.abc import Callable

from shared.errors import SeedwireError
from shared.runtime import exit_codes
from shared.runtime.process_exit import skip_last_collection
from shared.runtime.startup import StoppedAtStart

log = logging.getLogger(__name__)


def run_process(work: Callable[[], None]) -> int:
    """Do *work* until it returns, and return the exit code. A Seedwire error is logged."""
    skip_last_collection()
    try:
        work()
    except StoppedAtStart:
        log.info("stopped before the work began")
    except SeedwireError as error:
        logging.basicConfig()
        log.error("%s", error)
        return exit_codes.exit_code_for(error)
    return exit_codes.OK
