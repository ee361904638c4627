"""`python -m deploy.health_check [live|ready]...`: asks this container's service for its health.

Without arguments it asks both. Exit code 0: healthy; 1: not. The service answers from the event
loop that does its work, so a process that hangs is not healthy either.
"""

import sys
from typing import Final

import httpx

from shared.errors import SettingsError
from shared.settings import Settings, load_settings

PAGES: Final = ("live", "ready")
TIMEOUT_SECONDS: Final = 5.0  # a busy machine is not a broken one


def main(arguments: list[str]) -> int:
    if not set(arguments) <= set(PAGES):
        print(f"expected {' or '.join(PAGES)}", file=sys.stderr)
        return 2
    try:
        settings = load_settings(Settings)
        responses = [_fetch_page(settings, page) for page in arguments or PAGES]
    except (httpx.HTTPError, SettingsError) as error:
        print(f"{error or repr(error)}", file=sys.stderr)
        return 1
    for response in responses:
        print(response.text)
    is_healthy = all(response.status_code == httpx.codes.OK for response in responses)
    return 0 if is_healthy else 1


def _fetch_page(settings: Settings, page: str) -> httpx.Response:
    if not settings.health_port:
        raise SettingsError("SEEDWIRE_HEALTH_PORT is not set: the service has no health page")
    host = "127.0.0.1" if settings.health_host in ("", "0.0.0.0") else settings.health_host
    host = f"[{host}]" if ":" in host else host
    url = f"http://{host}:{settings.health_port}/health/{page}"
    return httpx.get(url, timeout=TIMEOUT_SECONDS, trust_env=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
