"""The seed file: UTF-8, front matter between `---` lines, then the body.

The body is everything after the newline of the closing `---` line, byte for byte. A leading byte
order mark is accepted, and so are lines that end in CRLF or in a carriage return alone.

`parse_seed(render_seed(article)) == article`, including which fields were given. Stores therefore
keep articles in this form, too; no second format has to be equally exact.
"""

import contextlib
import re
from dataclasses import dataclass
from typing import Any, Never

from pydantic import ValidationError

from shared.article.error_messages import build_field_errors
from shared.article.errors import FieldError, SeedError, limit_errors
from shared.article.front_matter.outline import Outline, Path
from shared.article.front_matter.parsing import load_rendered, load_supported
from shared.article.hints import is_hint, repair_hints, restore_places
from shared.article.many_faults import HINTS_BY_KIND, shorten_lists, warn_of_many
from shared.article.model import Article
from shared.article.seed_rendering import omit_related
from shared.budgets import MAX_SEED_BYTES

MAX_FAULTS = 1_000
"""Faults that are looked at one by one: 400,000, which a file may have, take many seconds."""
MAX_REPAIRS = 5
"""Rounds of repairing hints: a repair may uncover another fault, but seldom a third."""
MAX_LOCATED = 50_000
"""Parts of a front matter whose lines are found: beyond, errors have the line of what contains
them. Real seeds have 200 to 8,000."""

_BREAK = re.compile(rb"\r\n|\n|\r")
_OPENING = re.compile(r"---[ \t]*(?:\r\n|\n|\r)")
# It begins with what it looks for, which is found far sooner than a lookbehind at every character.
_CLOSING = re.compile(r"---(?<=[\r\n]---)[ \t]*(?:\r\n|\n|\r|\Z)")


@dataclass(frozen=True)
class ParsedSeed:
    """The article that a seed file describes, and what is wrong with its hints."""

    article: Article
    warnings: tuple[FieldError, ...]
    front_matter: str

    def find_line(self, field: Path) -> int:
        """The line of the file in which *field* stands, or the nearest field around it."""
        return Outline(self.front_matter).find_line(field)


def parse_seed(raw: bytes, max_size: int = MAX_SEED_BYTES) -> Article:
    """The article that a seed file of at most *max_size* bytes describes.

    Raises `SeedError`, which lists every mistake; never raises anything else. Faults of hints are
    no mistakes: `read_seed` tells them.
    """
    return read_seed(raw, max_size).article


def parse_rendered(raw: bytes, max_size: int) -> Article:
    """The same for a seed that `render_seed` has written, in less time.

    It has nothing that YAML parsers stumble over, which `parse_seed` looks for in what people
    write. If it is wrong nevertheless, `parse_seed` says what is.
    """
    return _parse_trusted(raw) or parse_seed(raw, max_size)


def parse_without_related(raw: bytes, max_size: int) -> Article:
    """The article of a seed that `render_seed` has written, with `related` empty.

    Raises SeedError.
    """
    return without_related(_parse_trusted(omit_related(raw)) or parse_seed(raw, max_size))


def without_related(article: Article) -> Article:
    """*article* with `related` empty; itself if it is."""
    return article.model_copy(update={"related": []}) if article.related else article


def _parse_trusted(rendered: bytes) -> Article | None:
    """What `render_seed` has written; None if it cannot be read without looking closely."""
    with contextlib.suppress(ValueError):
        front_matter, body = _split(rendered.decode("utf-8"))
        checked = _validate(load_rendered(front_matter), body)
        return checked if isinstance(checked, Article) else None
    return None


def read_seed(raw: bytes, max_size: int = MAX_SEED_BYTES) -> ParsedSeed:
    """What a seed file of at most *max_size* bytes says. Raises `SeedError`, and nothing else."""
    front_matter, body = _split(_decode(raw, max_size))
    fields, front_matter, left_out = load_supported(front_matter)
    if "body" in fields:
        line = Outline(front_matter).find_line(("body",))
        _refuse("body", line, "Expected the body below the front matter, found it inside.")
    checked = _validate(fields, body)
    if isinstance(checked, Article):
        return ParsedSeed(checked, limit_errors(left_out, "warnings"), front_matter)
    outline = Outline(front_matter, MAX_LOCATED)
    warnings = [*left_out]
    if checked.error_count() > MAX_FAULTS:
        fields, checked, more = _leave_out_hints(fields, body, checked, outline)
        warnings += more
    if not isinstance(checked, Article):
        article, more = _repair(fields, body, checked, outline)
        return ParsedSeed(article, limit_errors([*warnings, *more], "warnings"), front_matter)
    return ParsedSeed(checked, limit_errors(warnings, "warnings"), front_matter)


def _validate(fields: dict[Any, Any], body: str) -> Article | ValidationError:
    """The article, or what is wrong with *fields*.

    The error is returned: it holds `secured` and must not become the context of another.
    """
    try:
        given = {**fields, "body": body}
        return Article.model_validate(given, by_alias=True, by_name=False)
    except ValidationError as error:
        return error


def _leave_out_hints(
    fields: dict[Any, Any], body: str, faults: ValidationError, outline: Outline
) -> tuple[dict[Any, Any], Article | ValidationError, list[FieldError]]:
    """Leave out whole kinds of hints, as far as they are why there are too many faults to name."""
    checked: Article | ValidationError = faults
    warnings: list[FieldError] = []
    for path, leave_out in HINTS_BY_KIND:
        if isinstance(checked, Article) or checked.error_count() <= MAX_FAULTS:
            break
        fewer = leave_out(fields)
        checked_again = _validate(fewer, body)
        if _count_faults(checked_again) < checked.error_count():
            fields, checked = fewer, checked_again
            warnings.append(warn_of_many(path, outline))
    return fields, checked, warnings


def _count_faults(checked: Article | ValidationError) -> int:
    return 0 if isinstance(checked, Article) else checked.error_count()


def _repair(
    fields: dict[Any, Any], body: str, faults: ValidationError, outline: Outline
) -> tuple[Article, list[FieldError]]:
    """The article without the faults of hints, and their warnings.

    Some faults show only once others are repaired. Raises SeedError if there are faults that are
    not of hints.
    """
    warnings: list[FieldError] = []
    repaired = fields
    for _ in range(MAX_REPAIRS):
        if faults.error_count() > MAX_FAULTS:
            _refuse_many(repaired, body, outline)
        details = restore_places(faults.errors(include_url=False), repaired)
        mistakes = [detail for detail in details if not is_hint(detail)]
        repaired, more = repair_hints(repaired, details, outline)
        warnings += more
        checked = _validate(repaired, body)
        if isinstance(checked, Article):
            return checked, warnings
        if mistakes or not more:
            break
        faults = checked
    raise SeedError(build_field_errors(mistakes or details, fields, outline))


def _refuse_many(fields: dict[Any, Any], body: str, outline: Outline) -> Never:
    """Refuse a seed with too many faults to look at each; name those at the beginning of lists."""
    shortened = shorten_lists(fields, MAX_FAULTS)
    checked = _validate(shortened, body)
    if isinstance(checked, Article) or checked.error_count() > 3 * MAX_FAULTS:
        _refuse("file", None, f"Expected at most {MAX_FAULTS:,} faults, found more.")
    details = restore_places(checked.errors(include_url=False), shortened)
    raise SeedError(build_field_errors(details, shortened, outline))


def _decode(raw: bytes, max_size: int) -> str:
    if len(raw) > max_size:
        _refuse("file", None, f"Expected at most {max_size:,} bytes, found {len(raw):,}.")
    if not raw.strip():
        _refuse("file", None, "Expected a seed, found an empty file.")
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        offset = error.start
    line = len(_BREAK.split(raw[:offset]))
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
