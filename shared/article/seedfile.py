"""The seed file: UTF-8, front matter between `---` lines, then the body.

The body is what follows the newline of the closing `---` line, byte for byte; an opening byte order mark and CRLF in
the front matter are accepted. `parse(render(article)) == article`, including what was given and what was not, so the
rendering is also the form in which stores keep an article: no second format has to be exact as well.
"""

import re
from typing import Never

from pydantic import ValidationError

from shared.article.errors import FieldError, SeedError
from shared.article.model import Article
from shared.article.outline import Outline
from shared.article.syntax import load
from shared.article.wording import field_errors

MAX_SIZE = 2**20  # bytes; the largest of 4,857 real seeds has 2,159

_OPENING = re.compile(r"---[ \t]*\r?\n")
_CLOSING = re.compile(r"^---[ \t]*(?:\r?\n|\Z)", re.MULTILINE)


def parse(raw: bytes) -> Article:
    """The article of a seed file. Raises `SeedError` with everything that is wrong; never anything else."""
    front, body = _split(_decode(raw))
    fields = load(front)
    if "body" in fields:
        line = Outline(front).line(("body",))
        raise SeedError(
            [FieldError("body", line, "Expected the body below the front matter, found it inside.")]
        )
    try:
        return Article.model_validate({**fields, "body": body}, by_alias=True, by_name=False)
    except ValidationError as error:
        details = error.errors(include_url=False)
    raise SeedError(
        field_errors(details, fields, Outline(front))
    )  # outside: no context that holds `secured`


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
    raise SeedError(
        [
            FieldError(
                "file",
                line,
                f"Expected UTF-8, found byte 0x{raw[offset]:02X} at offset {offset:,}.",
            )
        ]
    )


def _split(text: str) -> tuple[str, str]:
    opening = _OPENING.match(text)
    if not opening:
        _refuse(
            "front matter", 1, "Expected front matter that begins with a line `---`, found none."
        )
    closing = _CLOSING.search(text, opening.end())
    if not closing:
        _refuse(
            "front matter", 1, "Expected a line `---` that closes the front matter, found none."
        )
    return text[opening.end() : closing.start()], text[closing.end() :]


def _refuse(field: str, line: int | None, message: str) -> Never:
    raise SeedError([FieldError(field, line, message)])
