"""`seedwire console`: where the web console is, with a link that signs in."""

from services.console.cli.author import resolve_author
from services.console.cli.output import print_line
from services.console.supervisor.state_dir import read_if_exists
from services.console.web.security.sign_in_link import make_sign_in_link
from services.console.web.settings import ConsoleSettings
from shared.errors import DependencyUnavailable
from shared.settings import load_settings


def console() -> None:
    """Print the address of the web console, as a link that signs you in.

    The link works once, for ten minutes.

    Examples:

      seedwire console
    """
    settings = load_settings(ConsoleSettings)
    url = read_if_exists(settings.console_address_file)
    if not url:
        raise DependencyUnavailable(f"no console runs in {settings.home}: `seedwire up` starts it")
    print_line(make_sign_in_link(settings, url, resolve_author("")))
