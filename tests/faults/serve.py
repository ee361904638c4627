"""`python -m tests.faults.serve MODULE [BUG]`: a service as it is, over the rough store and with erratic deliveries."""

import sys
from importlib import import_module
from typing import cast

from shared.runtime.run import run
from shared.runtime.service import Service
from shared.settings import Settings
from shared.store import Store, connect
from tests.faults.bugs import BUGS, untouched
from tests.faults.edge import EdgeStore


def main(module: str, bug: str = "") -> int:
    worker, change = BUGS[bug] if bug else untouched()

    def build() -> tuple[Service, Settings]:
        service, settings = import_module(f"{module}.main").build()
        return change(service), settings

    return run(
        build,
        open_with=lambda url, pictures: cast("Store", EdgeStore(connect(url, pictures))),
        worker=worker,
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
