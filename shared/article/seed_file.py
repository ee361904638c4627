"""The seed file: UTF-8, front matter between `---` lines, then the body.

The body is everything after the newline of the closing `---` line, byte for byte. A leading byte
order mark, and CRLF in the front matter, are accepted.

`parse_seed(render_seed(article)) == article`, including which fields were given. Stores therefore
keep articles in this form, too; no second format has to be equally exact.
"""

import re
from typing import Never

from pydantic import ValidationError

from shared.article.error_messages import build_field_errors
from shared.article.errors import FieldError, SeedError
from shared.article.front_matter import load_front_matter
from shared.article.front_matter_outline import Outline
from shared.article.model import Article

MAX_SIZE = 2**20  # bytes; the largest of 4,857 real seeds has 2,159

_OPENING = re.compile(r"---[ \t]*\r?\n")
_CLOSING = re.compile(r"^---[ \t]*(?:\r?\n|\Z)", re.MULTILINE)


def parse_seed(raw: bytes) -> Article:
    """The article that a seed file describes.

    Raises `SeedError`, which lists every mistake; never raises anything else.
    """
    front_matter, body = _split(_decode(raw))
    fields = load_front_matter(front_matter)
    if "body" in fields:
        line = Outline(front_matter).find_line(("body",))
        _refuse("body", line, "Expected the body below the front matter, found it inside.")
    try:
        return Article.model_validate({**fields, "body": body}, by_alias=True, by_name=False)
    except ValidationError as error:
        details = error.errors(include_url=False)
    # Raised outside the handler: the ValidationError holds `secured` and must not become the
    # context.
    raise SeedError(build_field_errors(details, fields, Outline(front_matter)))


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_SIZE:
        _refuse("file", None, f"Expected at most {MAX_SIZE:,} bytes, found {len(raw):,}.")
    if not raw.strip():
        _refuse("file", None, "Expected a seed, found an empty file.")
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        offset = error.start
    line = raw.count(b"\n", 0, offset) + 1
    found = f"byte 0x{raw[offset]:02X} at offset {offset:,}"
    raise SeedError([FieldError("file", line, f"Expected UTF-8, found {found}.")])


def _split(text: str) -> tuple[str, str]:
    """Front matter and body."""
    opening = _OPENING.match(text)
    if not opening:
        message = "Expected front matter that begins with a line `---`, found none."
        _refuse("front matter", 1, message)
    closing = _CLOSING.search(text, opening.end())
    if not closing:
        message = "Expected a line `---` that closes the front matter, found none."
        _refuse("front matter", 1, message)
    return text[opening.end() : closing.start()], text[closing.end() :]


def _refuse(field: str, line: int | None, message: str) -> Never:
    raise SeedError([FieldError(field, line, message)])
