"""W3C trace context: which trace a drop belongs to, and with it all that the drop causes.

The producer of a seed may name its trace in the headers `traceparent` and `tracestate` of the
record. Seedwire records no spans of its own, so it passes both on as they are: what a consumer
records becomes a child of what the producer recorded. Where none is given, or a malformed one, a
new trace begins with the drop.

Source: https://www.w3.org/TR/trace-context/
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

TRACEPARENT: Final = "traceparent"
TRACESTATE: Final = "tracestate"

MAX_TRACESTATE_CHARACTERS: Final = 512  # what the recommendation has everybody propagate
_MAX_MEMBERS: Final = 32

# Version 00 alone, in lower case, and neither id all zeros.
_TRACEPARENT: Final = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_MEMBER: Final = re.compile(
    r"(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})"
    r"=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
)
_IS_SAMPLED: Final = "01"


class TraceContext(NamedTuple):
    """The trace of a drop, as two headers carry it; an empty `tracestate` is none."""

    traceparent: str
    tracestate: str = ""

    @property
    def trace_id(self) -> str:
        return self.traceparent[3:35]


def parse_trace_context(traceparent: str, tracestate: str = "") -> TraceContext | None:
    """The trace that a producer gives; None if `traceparent` is malformed.

    A malformed or too long `tracestate` is left out.
    """
    if not _TRACEPARENT.fullmatch(traceparent):
        return None
    return TraceContext(traceparent, tracestate if _is_tracestate(tracestate) else "")


def begin_trace(name: str) -> TraceContext:
    """A new trace for the drop with this *name*, which no other drop has.

    Its ids are taken from a SHA-256 of the name instead of a random source: they are spread as
    evenly, and a drop that is delivered again, with nothing stored of it, gets the same.
    """
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
    return TraceContext(f"00-{digest[:32]}-{digest[32:48]}-{_IS_SAMPLED}")


def _is_tracestate(text: str) -> bool:
    if len(text) > MAX_TRACESTATE_CHARACTERS:
        return False
    members = [member.strip(" \t") for member in text.split(",")]
    named = [member for member in members if member]  # empty members are allowed
    if not 0 < len(named) <= _MAX_MEMBERS:
        return False
    return all(_MEMBER.fullmatch(member) for member in named)


def encode_trace(trace: TraceContext | None) -> str:
    """The trace as one text, as the store keeps it; empty if there is none."""
    return "" if trace is None else " ".join(trace).rstrip()


def decode_trace(text: str) -> TraceContext | None:
    """What `encode_trace` made the text of."""
    traceparent, _, tracestate = text.partition(" ")
    return TraceContext(traceparent, tracestate) if traceparent else None


def decode_traces(texts: Mapping[str, str]) -> dict[str, TraceContext]:
    """The traces behind these texts, by the same keys; those without one are left out."""
    decoded: dict[str, TraceContext] = {}
    for key, text in texts.items():
        trace = decode_trace(text)
        if trace is not None:
            decoded[key] = trace
    return decoded
