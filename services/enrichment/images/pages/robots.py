"""What sites ask of robots, for pages: RFC 9309, remembered for each site.

Pictures are not asked for: an article's own feed named them. A page is our idea.
"""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

import ada_url
from protego import Protego

from services.enrichment.images.fetching.fetch_outcome import Failed, Failure, Later

BYTES: Final = (
    512 * 1024
)  # RFC 9309 wants at least 500 KiB read; the rest of a longer file is left out
REMEMBERED: Final = 256  # sites
HELD: Final = (
    8 * BYTES
)  # of files, all together: parsed they take twenty times that; most sites' have some kilobytes
SECONDS: Final = 24 * 3600.0  # as RFC 9309 allows

_AGENT: Final = re.compile(r"\s*user(?:-|\s*)agent(?=[\s:]|$)[\s:]*([^#]*)", re.IGNORECASE)

Read = Callable[[str, float], Awaitable[bytes | Failed | Later]]
"""Reads the text at a URL within so many seconds: at most BYTES of it."""


@dataclass(frozen=True)
class _Known:
    rules: Protego | None  # None: all is allowed
    size: int  # bytes of the file
    until: float


class Robots:
    """Asks each site once a day. *token*: the name that its file calls us by. *clock* gives growing seconds."""

    def __init__(self, read: Read, token: str, clock: Callable[[], float]) -> None:
        self._read = read
        self._token = token
        self._clock = clock
        self._sites: OrderedDict[str, _Known] = OrderedDict()

    async def refuse(self, url: str, seconds: float) -> Failed | Later | None:
        """None if we may read the page; otherwise that the site asks us not to, or that it did not say.

        A site without the file (4xx) allows all. One that cannot be asked is left alone until it can.
        """
        site = f"{(parsed := ada_url.URL(url)).protocol}//{parsed.host}"
        known = self._remembered(site)
        if known is None:
            answer = await self._read(f"{site}/robots.txt", seconds)
            if isinstance(answer, Later):
                return replace(answer, why=f"robots.txt: {answer}")
            known = self._remember(site, answer if isinstance(answer, bytes) else b"")
        if known.rules is None or known.rules.can_fetch(url, self._token):
            return None
        return Failed(Failure.ROBOTS, f"robots.txt of {parsed.host} asks us to stay away")

    def _remembered(self, site: str) -> _Known | None:
        known = self._sites.get(site)
        if known is None or known.until < self._clock():
            return None
        self._sites.move_to_end(site)
        return known

    def _remember(self, site: str, file: bytes) -> _Known:
        rules = (
            Protego.parse(concerning(file.decode(errors="replace"), self._token)) if file else None
        )
        known = self._sites[site] = _Known(rules, len(file), self._clock() + SECONDS)
        self._sites.move_to_end(site)
        while len(self._sites) > REMEMBERED or sum(one.size for one in self._sites.values()) > HELD:
            self._sites.popitem(last=False)
        return known


def concerning(text: str, token: str) -> str:
    """*text* with one name for all robots that are not ours: the parser keeps each rule for each robot of its group.

    512 KB that name thousands of robots before thousands of rules would be millions of those.
    """
    return "\n".join(_renamed(line, token.lower()) for line in text.splitlines())


def _renamed(line: str, token: str) -> str:
    agent = _AGENT.match(line)
    if agent is None:
        return line
    name = agent[1].strip().lower()
    plain = name.replace("*", "")
    if name == "*" or (plain and token.startswith(plain)):
        return f"User-agent: {plain or name}"
    return "User-agent: (another)"
