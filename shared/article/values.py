"""The kinds of value that a field may have, beyond pydantic's own, and what each expects in words.

Each check raises a `PydanticCustomError` that begins with *expected*; `wording` adds what was found.
"""

import math
import re
from datetime import UTC, datetime
from typing import Annotated, Any

import ada_url
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from shared.article.errors import MAX_INT

MAX_DEPTH = 32  # lists and blocks inside each other; real seeds have 4
MAX_NAME = 150  # characters; YAML 1.2 wants a simple key within 1,024, and each may need a six-character escape
MAX_URL = 8192  # what common servers still accept as a request line

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)? ?([Zz]|[+-]\d\d(:?\d\d)?)?")
_WEB = re.compile(
    r"https?://[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?", re.IGNORECASE
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def _expected(what: str) -> PydanticCustomError:
    return PydanticCustomError("seed", "expected {what}", {"what": what})


def _instant(value: object) -> datetime:
    """The moment *value* names, in UTC, to the microsecond (finer digits are cut)."""
    moment = _moment(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        raise _expected("a date, a time and its zone such as 2021-08-05T03:17:00Z")
    if moment.utcoffset() is None:
        raise _expected("a date with its time zone such as 2021-08-05T03:17:00Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise _expected("a date between the years 1 and 9999 in UTC") from None


def _moment(text: str) -> datetime | None:
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(
            text.upper().replace(" Z", "Z").replace(" +", "+").replace(" -", "-")
        )
    except ValueError:
        return None


def _web(value: str) -> str:
    if len(value) > MAX_URL:
        raise _expected(f"a web address of at most {MAX_URL:,} characters")
    if not (_WEB.fullmatch(value) and ada_url.check_url(value)):
        raise _expected("a whole web address that starts with http:// or https://")
    return value


def _title(value: str) -> str:
    if not value.strip():
        raise _expected("a title that is not blank")
    return value


def _plain(value: object) -> object:
    _check_plain(value, MAX_DEPTH)
    return value


def _check_plain(value: object, levels: int) -> None:
    """Unknown fields hold what JSON can say, so that nothing downstream can stumble over them."""
    match value:
        case list() | dict():
            _check_inside(value, levels)
        case str():
            _check_text(value)
        case float() if not math.isfinite(value):
            raise _expected("finite numbers")
        case int() if abs(value) > MAX_INT:
            raise _expected("numbers of at most 300 digits")
        case None | int() | float():
            return
        case _:
            raise _expected(
                "text, numbers, true, false, nothing, lists and blocks of fields (a date is text here)"
            )


def _check_inside(value: list[object] | dict[object, object], levels: int) -> None:
    if levels == 0:
        raise _expected(f"at most {MAX_DEPTH} levels of lists and blocks inside each other")
    if isinstance(value, dict):
        for name in value:
            _check_name(name)
    for item in value.values() if isinstance(value, dict) else value:
        _check_plain(item, levels - 1)


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise _expected("text as the name of each field inside (put other names in quotes)")
    if len(name) > MAX_NAME:
        raise _expected(f"names of at most {MAX_NAME} characters inside")
    _check_text(name)


def _check_text(value: str) -> None:
    if _SURROGATE.search(value):
        raise _expected("text without half characters (lone surrogates)")


def _listed(value: object) -> object:
    return [] if value is None else value


Text = Annotated[
    str, StringConstraints(max_length=2**20)
]  # a seed is at most that long; refuses lone surrogates
Plain = Annotated[Any, AfterValidator(_plain)]
Name = Annotated[str, StringConstraints(max_length=MAX_NAME)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
WebUrl = Annotated[Text, AfterValidator(_web)]
Title = Annotated[Text, AfterValidator(_title)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]  # fits every store and every consumer's integer
Score = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
NullIsEmpty = BeforeValidator(_listed)
