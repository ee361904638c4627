"""A seed as it is mended in an editor: placeholders stand for the values of `secured`.

The values never leave the server. What comes back from the editor gets them again, byte for byte.
"""

import hashlib
from typing import Final

from services.console.redaction.seed_text import decode_seed, find_values
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

    Raises PlaceholderProblem unless each placeholder is there once.
    """
    text = decode_seed(raw)
    restored = edited
    for number, span in enumerate(find_values(text), start=1):
        placeholder = _name_placeholder(number, raw)
        value = text[span.start : span.end]
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
        restored = restored.replace(placeholder, value)
    return restored.encode()


def _name_placeholder(number: int, raw: bytes) -> str:
    return f"<secured-{number}-{hashlib.sha256(raw).hexdigest()[:8]}>"
