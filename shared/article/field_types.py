"""The types of fields beyond pydantic's own, and what each of them expects, in words.

Each check raises a `PydanticCustomError` whose text begins with *expected*; `error_messages` adds
what was found instead.
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
# Characters. YAML 1.2 requires a simple key to end within 1,024 characters, and each character of a
# name may need an escape sequence of six.
MAX_NAME = 150
MAX_URL = 8192  # characters; what common servers still accept in a request line
MAX_TEXT = 2**20  # characters; no seed is longer

_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)? ?([Zz]|[+-]\d\d(:?[0-5]\d)?)?", re.ASCII
)
_WEB_URL = re.compile(
    r"https?://[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?", re.IGNORECASE
)
SURROGATE = re.compile("[\ud800-\udfff]")


def _expected(what: str) -> PydanticCustomError:
    return PydanticCustomError("seed", "expected {what}", {"what": what})


def _parse_instant(value: object) -> datetime:
    """The moment that *value* names, in UTC, to the microsecond; finer digits are cut off."""
    moment = _parse_date_time(value.strip()) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        raise _expected("a date, a time and its zone such as 2021-08-05T03:17:00Z")
    if moment.utcoffset() is None:
        raise _expected("a date with its time zone such as 2021-08-05T03:17:00Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise _expected("a date between the years 1 and 9999 in UTC") from None


def _parse_date_time(text: str) -> datetime | None:
    if not _INSTANT.fullmatch(text):
        return None
    normalized = text.upper().replace(" Z", "Z").replace(" +", "+").replace(" -", "-")
    try:
        return datetime.fromisoformat(normalized)
    except ValueError:
        return None


def _check_web_url(value: str) -> str:
    if len(value) > MAX_URL:
        raise _expected(f"a URL of at most {MAX_URL:,} characters")
    if not (_WEB_URL.fullmatch(value) and ada_url.check_url(value)):
        raise _expected("a complete URL that starts with http:// or https://")
    return value


def _check_title(value: str) -> str:
    if not value.strip():
        raise _expected("a title that is not blank")
    return value


def _check_unknown_field(value: object) -> object:
    _check_json_value(value, MAX_DEPTH)
    return value


def _check_json_value(value: object, levels: int) -> None:
    """Unknown fields hold only what JSON can express, so that no consumer stumbles over them."""
    match value:
        case list():
            _check_list(value, levels)
        case dict():
            _check_block(value, levels)
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
                "text, numbers, true, false, nothing, lists and blocks of fields "
                "(a date is text here)"
            )


def _check_list(items: list[object], levels: int) -> None:
    _check_depth(levels)
    for item in items:
        _check_json_value(item, levels - 1)


def _check_block(fields: dict[object, object], levels: int) -> None:
    _check_depth(levels)
    for name in fields:
        _check_name(name)
    for item in fields.values():
        _check_json_value(item, levels - 1)


def _check_depth(levels: int) -> None:
    if levels == 0:
        raise _expected(f"at most {MAX_DEPTH} levels of lists and blocks inside each other")


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise _expected("text as the name of each field inside (put other names in quotes)")
    if len(name) > MAX_NAME:
        raise _expected(f"names of at most {MAX_NAME} characters inside")
    _check_text(name)


def _check_text(value: str) -> None:
    if SURROGATE.search(value):
        raise _expected("text without lone surrogates (half characters)")


def _drop_empty_items(value: object) -> object:
    """A list without empty items; an empty list for null."""
    if value is None:
        return []
    if isinstance(value, list) and any(map(is_empty, value)):
        return [item for item in value if not is_empty(item)]
    return value


def is_empty(value: object) -> bool:
    """Whether a seed says nothing with *value*: it is null, or text without a letter."""
    return value is None or (isinstance(value, str) and not value.strip())


# Both refuse lone surrogates.
RawText = Annotated[str, StringConstraints(max_length=MAX_TEXT)]
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT, strip_whitespace=True)]
JsonValue = Annotated[Any, AfterValidator(_check_unknown_field)]
FieldName = Annotated[str, StringConstraints(max_length=MAX_NAME)]
Instant = Annotated[datetime, BeforeValidator(_parse_instant)]
WebUrl = Annotated[Text, AfterValidator(_check_web_url)]
Title = Annotated[Text, AfterValidator(_check_title)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]  # fits every store and every consumer's integer
Score = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
WithoutEmptyItems = BeforeValidator(_drop_empty_items)
