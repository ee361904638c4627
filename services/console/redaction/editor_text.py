"""A seed as it is mended in an editor: placeholders stand for the values of `secured`.

The values never leave the server. What comes back from the editor gets them again, byte for byte.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from services.console.redaction.finding.secured_values import find_body, find_fields, find_values
from services.console.redaction.redacted_seed import decode_seed
from shared.errors import SeedwireError

_UNREADABLE: Final = "\ufffd"


class PlaceholderProblem(SeedwireError):
    """A placeholder was changed, or its value cannot be put back. Consequence: nothing is sent."""


def build_editor_text(raw: bytes) -> str:
    """The text of a seed with a numbered placeholder for each value of `secured`.

    Line feeds end its lines. No other text can hold these placeholders: they name its digest.
    """
    text = decode_seed(raw)
    parts: list[str] = []
    end = 0
    for number, span in enumerate(find_values(text), start=1):
        gap = " " if text[span.start - 1 : span.start] == ":" else ""
        parts += [text[end : span.start], gap, _name_placeholder(number, raw)]
        end = span.end
    joined = "".join([*parts, text[end:]])
    return joined.replace("\r\n", "\n")


def restore_secured(edited: str, raw: bytes) -> bytes:
    """The bytes of the *edited* text, with every value of `secured` of *raw* in its place.

    Raises PlaceholderProblem unless each placeholder is there once, as a value of `secured`: from
    another field or the body it would be published. Only what the body had may stay there.
    """
    text = decode_seed(raw)
    body = find_body(text)
    values: dict[str, str] = {}
    confined: set[str] = set()
    for number, span in enumerate(find_values(text), start=1):
        placeholder = _name_placeholder(number, raw)
        values[placeholder] = text[span.start : span.end]
        _require_restorable(edited, placeholder, values[placeholder])
        if span.start < body:
            confined.add(placeholder)
    restored, starts = _put_back(edited, values)
    fields = {span.start for span in find_fields(restored)}
    for placeholder in confined:
        if starts[placeholder] not in fields:
            raise PlaceholderProblem(
                f"the placeholder {placeholder} is not the value of a field `secured` any more, so"
                " its value would be published: put it back behind `secured:`"
            )
    return restored.encode()


def _require_restorable(edited: str, placeholder: str, value: str) -> None:
    if edited.count(placeholder) != 1:
        raise PlaceholderProblem(
            f"the placeholder {placeholder} must be in the text once, where the value of"
            " `secured` belongs: put it back, or mend the file with `seedwire rejected redrive"
            " --with`"
        )
    if _UNREADABLE in value:
        raise PlaceholderProblem(
            "the value of `secured` is not UTF-8, so it cannot be put back from here: mend the"
            " file with `seedwire rejected redrive --with`"
        )


def _put_back(edited: str, values: Mapping[str, str]) -> tuple[str, dict[str, int]]:
    """The text with the values in place of their placeholders, and where each value begins."""
    starts: dict[str, int] = {}
    restored = ""
    rest = edited
    for placeholder in sorted(values, key=edited.index):
        before, _, rest = rest.partition(placeholder)
        restored += before
        value = values[placeholder]
        starts[placeholder] = len(restored) + len(value) - len(value.lstrip())
        restored += value
    return restored + rest, starts


def _name_placeholder(number: int, raw: bytes) -> str:
    return f"<secured-{number}-{hashlib.sha256(raw).hexdigest()[:8]}>"
