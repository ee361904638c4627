"""The `Range` header of HTTP: one part in bytes. Source: RFC 9110, 14."""

import re
from typing import Final

_ONE: Final = re.compile(r"bytes=([0-9]{0,12})-([0-9]{0,12})", re.ASCII)


class Unsatisfiable(Exception):
    """The part lies outside of what there is. Consequence: 416."""


def span(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of the part that *header* asks for; None for all of it, also when it asks for several parts.

    Raises Unsatisfiable.
    """
    asked = _ONE.fullmatch(header.replace(" ", ""))
    if asked is None or asked[0] == "bytes=-":
        return None
    begin, end = asked[1], asked[2]
    if not begin:
        first, last = max(0, size - int(end)), size - 1
    else:
        first, last = int(begin), min(int(end or size), size - 1)
        if end and int(end) < first:
            return None  # no range at all: ignored
    if first >= size or first > last:
        raise Unsatisfiable
    return first, last
