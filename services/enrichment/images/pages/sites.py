"""Which hosts belong to one site, by the public suffix list."""

from functools import cache
from typing import TYPE_CHECKING

import ada_url

if TYPE_CHECKING:
    from tldextract import TLDExtract


def is_same_site(url: str, other_url: str) -> bool:
    """Whether one owner registered both hosts: `paper.co.uk` and `amp.paper.co.uk`, for example.

    Two hosts below a public suffix belong to different owners (`a.co.uk`, `b.co.uk`), also if the
    suffix is a private one (`a.github.io`, `b.github.io`).
    """
    host, other_host = _host(url), _host(other_url)
    return host == other_host or _site(host) == _site(other_host)


def _host(url: str) -> str:
    return str(ada_url.URL(url).hostname)


def _site(host: str) -> str:
    """The name that was registered; an IP address or a public suffix is a site of its own."""
    if host.startswith("[") or host.rpartition(".")[2].isdecimal():
        return host
    parts = load_suffix_list()(host)
    if not parts.suffix:  # an unknown top-level domain counts as a public suffix
        return ".".join(host.split(".")[-2:])
    return parts.top_domain_under_public_suffix or host


@cache
def load_suffix_list() -> "TLDExtract":
    """The list that comes with the library; nothing is downloaded or kept on disk.

    It is imported here because it takes 25 MB, and few processes ever need it: most AMP twins are
    on the page's own host.
    """
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
