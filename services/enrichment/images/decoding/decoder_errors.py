"""What decoders raise at bytes that they do not understand, and how that is put into words."""

import re
import struct
import zlib
from typing import Final

from PIL import UnidentifiedImageError

DECODER_ERRORS: Final = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    zlib.error,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
)
MAX_REASON: Final = 200  # characters

_MEMORY_ADDRESS: Final = re.compile(r"<[^<>]* at 0x[0-9a-fA-F]+>|0x[0-9a-fA-F]{6,}")


def describe_error(error: Exception) -> str:
    """What the decoder says, in a form that is the same every time."""
    if isinstance(error, UnidentifiedImageError):
        return "its header is broken"
    text = _MEMORY_ADDRESS.sub("the file", str(error)).strip()
    return text[:MAX_REASON] or type(error).__name__
