"""`python -m deploy.health_check [live|ready]...`: asks this container's service for its health.

Without arguments it asks both. Exit code 0: healthy; 1: not. The service answers from the event
loop that does its work, so a process that hangs is not healthy either.

Every container runs this every few seconds. So it imports the standard library alone, which takes a
seventh of the CPU that our settings and an HTTP client would.
"""

import os
import sys
from http.client import OK, HTTPConnection, HTTPException
from typing import Final

PAGES: Final = ("live", "ready")
TIMEOUT_SECONDS: Final = 5.0  # a busy machine is not a broken one


def main(arguments: list[str]) -> int:
    if not set(arguments) <= set(PAGES):
        print(f"expected {' or '.join(PAGES)}", file=sys.stderr)
        return 2
    host, port = os.environ.get("SEEDWIRE_HEALTH_HOST", ""), _read_port()
    if not port:
        print("SEEDWIRE_HEALTH_PORT is not set: the service has no health page", file=sys.stderr)
        return 1
    try:
        statuses = [_ask(host, port, page) for page in arguments or PAGES]
    except (HTTPException, OSError) as error:
        print(f"{error or repr(error)}", file=sys.stderr)
        return 1
    return 0 if set(statuses) == {OK} else 1


def _read_port() -> int:
    """The port of the health pages; 0 if there are none."""
    given = os.environ.get("SEEDWIRE_HEALTH_PORT", "")
    return int(given) if given.isdecimal() else 0


def _ask(host: str, port: int, page: str) -> int:
    """Print the page; returns its status code. Raises HTTPException or OSError."""
    address = "127.0.0.1" if host in ("", "0.0.0.0") else host
    connection = HTTPConnection(address, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"/health/{page}")
        response = connection.getresponse()
        print(response.read().decode(errors="replace"))
        return response.status
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
