"""The link that signs in whoever can read the token. `up` and `console` print it."""

from services.console.web.security.signer import LINK_SECONDS, Signer
from services.console.web.security.token_file import load_token
from services.console.web.settings import ConsoleSettings


def make_sign_in_link(settings: ConsoleSettings, url: str, name: str) -> str:
    """The link for a person of this name, good once and for ten minutes.

    It is *url* itself where nobody signs in.
    """
    token = load_token(settings)
    if not token or settings.console_read_only:
        return url
    return f"{url}/sign-in?ticket={Signer(token).sign('link', name, LINK_SECONDS)}"
