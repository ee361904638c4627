"""Hides the values of `secured` in what a person or a script is shown.

`secured` is opaque text that Seedwire keeps and passes on to nobody. Rejected records are kept byte
for byte, so it is in there, too, often in text that no parser can read. Whatever may belong to it
is hidden: a field too many rather than a secret too few.

`redacted_seed` hides it in the text of a seed, `redacted_json` in JSON. `editor_text` hides it from
whoever mends a seed, and puts it back. `finding` tells them where it is.
"""

from services.console.redaction.editor_text import (
    PlaceholderProblem,
    build_editor_text,
    restore_secured,
)
from services.console.redaction.redacted_json import hide_secured_values
from services.console.redaction.redacted_seed import contains_secured, decode_seed, hide_secured

__all__ = [
    "PlaceholderProblem",
    "build_editor_text",
    "contains_secured",
    "decode_seed",
    "hide_secured",
    "hide_secured_values",
    "restore_secured",
]
