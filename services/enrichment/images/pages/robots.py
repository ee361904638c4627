"""What robots.txt files say about pages (RFC 9309), remembered for each origin.

Pictures are fetched without asking: the article's own feed named them. A page is our own idea.
"""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

import ada_url
from protego import Protego
from w3lib.encoding import read_bom

from services.enrichment.images.fetch_outcome import Failure, FailureKind, RetryLater

# RFC 9309 wants at least 500 KiB to be read; the rest of a longer file is left out.
MAX_ROBOTS_BYTES: Final = 512 * 1024
MAX_ORIGINS: Final = 256
# Of all remembered files together. Parsed they take twenty times that; most files have some KB.
MAX_REMEMBERED_BYTES: Final = 8 * MAX_ROBOTS_BYTES
REMEMBERED_SECONDS: Final = 24 * 3600.0  # as RFC 9309 allows

_USER_AGENT: Final = re.compile(r"\s*user(?:-|\s*)agent(?=[\s:]|$)[\s:]*([^#]*)", re.IGNORECASE)

FetchRobotsTxt = Callable[[str, float], Awaitable[bytes | Failure | RetryLater]]
"""Fetches the file at a URL within so many seconds: its first MAX_ROBOTS_BYTES."""


@dataclass(frozen=True)
class _RobotsFile:
    rules: Protego | None  # None: everything is allowed
    size: int  # bytes
    expires_at: float


class RobotsPolicy:
    """Fetches each origin's robots.txt once a day.

    *token* is the name by which the file addresses us; *clock* gives seconds that only grow.
    """

    def __init__(self, fetch: FetchRobotsTxt, token: str, clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._token = token
        self._clock = clock
        self._files: OrderedDict[str, _RobotsFile] = OrderedDict()

    async def check(self, url: str, seconds: float) -> Failure | RetryLater | None:
        """None if we may fetch the page; a failure if robots.txt disallows it.

        A host without the file (4xx) allows everything. While the file cannot be fetched, the
        page is not fetched either. Blocks for *seconds* if the file is not remembered.
        """
        parsed = ada_url.URL(url)
        origin = f"{parsed.protocol}//{parsed.host}"
        file = self._recall(origin)
        if file is None:
            fetched = await self._fetch(f"{origin}/robots.txt", seconds)
            if isinstance(fetched, RetryLater):
                return replace(fetched, reason=f"robots.txt: {fetched}")
            file = self._remember(origin, fetched if isinstance(fetched, bytes) else b"")
        if file.rules is None or file.rules.can_fetch(url, self._token):
            return None
        return Failure(FailureKind.ROBOTS, f"robots.txt of {parsed.host} disallows the page")

    def _recall(self, origin: str) -> _RobotsFile | None:
        file = self._files.get(origin)
        if file is None or file.expires_at < self._clock():
            return None
        self._files.move_to_end(origin)
        return file

    def _remember(self, origin: str, content: bytes) -> _RobotsFile:
        rules = None
        if content:
            text = merge_other_robots(decode_robots_txt(content), self._token)
            rules = Protego.parse(text)
        file = _RobotsFile(rules, len(content), self._clock() + REMEMBERED_SECONDS)
        self._files[origin] = file
        self._files.move_to_end(origin)
        while self._is_full():
            self._files.popitem(last=False)
        return file

    def _is_full(self) -> bool:
        total = sum(file.size for file in self._files.values())
        return len(self._files) > MAX_ORIGINS or total > MAX_REMEMBERED_BYTES


def decode_robots_txt(content: bytes) -> str:
    """UTF-8, as RFC 9309 wants it, or what a byte order mark says; UTF-16 also without a mark.

    Editors of some systems write marks and UTF-16: a file that we cannot read would forbid nothing.
    """
    encoding, mark = read_bom(content)
    if encoding is None or mark is None:
        encoding, mark = _guess_encoding(content), b""
    return content[len(mark) :].decode(encoding, errors="replace").lstrip("\ufeff\0")


def _guess_encoding(content: bytes) -> str:
    """Every other byte of English in UTF-16 is zero, and none in UTF-8 is."""
    beginning = content[:64]
    pairs = len(beginning) // 2
    if beginning[1::2].count(0) > pairs // 2:
        return "utf-16-le"
    if beginning[::2].count(0) > pairs // 2:
        return "utf-16-be"
    return "utf-8"


def merge_other_robots(text: str, token: str) -> str:
    """*text* with one name for all robots that are not ours.

    The parser keeps each rule once for every robot of its group: 512 KB that name thousands of
    robots before thousands of rules would become millions of rules.
    """
    return "\n".join(_rename_robot(line, token.lower()) for line in text.splitlines())


def _rename_robot(line: str, token: str) -> str:
    user_agent = _USER_AGENT.match(line)
    if user_agent is None:
        return line
    name = user_agent[1].strip().lower()
    plain = name.replace("*", "")
    if name == "*" or (plain and token.startswith(plain)):
        return f"User-agent: {plain or name}"
    return "User-agent: (another)"
