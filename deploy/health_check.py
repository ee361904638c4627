"""`python -m deploy.health_check [live|ready]...`: asks this container's service how it is. 0: well; 1: not.

Without a name both are asked. It answers from the loop that does the work: a process that hangs is not well either.
"""

import sys

import httpx

from shared.errors import SettingsError
from shared.settings import Settings, read

QUESTIONS = ("live", "ready")
PATIENCE = 5.0  # seconds: a busy machine is no sick one


def main(arguments: list[str]) -> int:
    if not set(arguments) <= set(QUESTIONS):
        print(f"expected {' or '.join(QUESTIONS)}", file=sys.stderr)
        return 2
    try:
        answers = [_ask(read(Settings), question) for question in arguments or QUESTIONS]
    except (httpx.HTTPError, SettingsError) as error:
        print(f"{error or repr(error)}", file=sys.stderr)
        return 1
    for answer in answers:
        print(answer.text)
    return 0 if all(answer.status_code == httpx.codes.OK for answer in answers) else 1


def _ask(settings: Settings, question: str) -> httpx.Response:
    if not settings.health_port:
        raise SettingsError("SEEDWIRE_HEALTH_PORT is not set: the service says nowhere how it is")
    host = "127.0.0.1" if settings.health_host in ("", "0.0.0.0") else settings.health_host
    address = f"[{host}]" if ":" in host else host
    return httpx.get(
        f"http://{address}:{settings.health_port}/health/{question}",
        timeout=PATIENCE,
        trust_env=False,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
