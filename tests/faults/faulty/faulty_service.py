"""`python -m tests.faults.faulty.faulty_service MODULE [BUG]`: a service in a faulty environment.

It runs over the faulty store and with erratic deliveries, and with a planted bug if one is named.
"""

import sys
from importlib import import_module
from typing import cast

from shared.runtime.run import run
from shared.runtime.service import Service
from shared.settings import Settings
from shared.store import Store, connect
from tests.faults.faulty.faulty_store import FaultyStore
from tests.faults.planted_bugs import BUGS, NO_BUG


def main(module: str, bug_name: str = "") -> int:
    bug = BUGS[bug_name] if bug_name else NO_BUG

    def build() -> tuple[Service, Settings]:
        service, settings = import_module(f"{module}.main").build()
        return bug.change(service), settings

    return run(build, open_store=_open_faulty_store, worker=bug.worker)


def _open_faulty_store(url: str, pictures: str) -> Store:
    return cast("Store", FaultyStore(connect(url, pictures)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
