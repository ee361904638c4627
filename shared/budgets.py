"""How large everything may be: every limit on sizes, derived from one another, and the cuts.

Kafka refuses a record, and MongoDB a document, that is too large. By then an article is accepted
and nobody hears of it. So ingest refuses what could not be stored or published later, while its
producer still listens, and what Seedwire itself adds to an event is cut to a stated length.

Sizes are bytes unless a name says otherwise. What counts for an event is its key, value and headers
as Kafka counts them: `shared.broker.records.measure_record`.
"""

import unicodedata
from typing import Final

ELLIPSIS: Final = "…"

# --- Every event that Seedwire sends --------------------------------------------------------------

MAX_EVENT_BYTES: Final = 1_000_000
"""Of key, value and headers together. A broker takes 1,048,588 bytes by default, so that a topic
which somebody created by hand takes every event; the rest is for Kafka's own framing."""

MAX_EVENT_KEY_BYTES: Final = 8_192
"""Keys are article ids and hosts. A receipt for a record that was rejected repeats that record's
key, cut to this length: a URL of the greatest length that servers accept."""

# --- A seed, and the record that brings it --------------------------------------------------------

MAX_SEED_BYTES: Final = 2**20
"""Of a seed file. The largest of 7,932 real seeds has 142,796. The topic `seeds` takes half as much
again, for key and headers, so that a seed that is somewhat too large still gets its receipt."""

MAX_STORED_SEED_BYTES: Final = 4 * MAX_SEED_BYTES
"""Of a seed as it is stored, with the hints and `secured` that it brought. Escapes take up to three
times their space, and lists inside each other are indented. MongoDB keeps documents of 16 MiB; this
leaves room for aliases and answered drops."""

MAX_RECORD_KEY_BYTES: Final = 131_072
"""Of the key of a dropped record. A canonical URL of 8,192 characters, each of them escaped in
UTF-8, has 98,304 bytes."""

MAX_RECORD_HEADERS_BYTES: Final = 262_144
"""Of the names and values of all headers of a dropped record. A path has 4,096 bytes at most; the
rest is for whatever else a producer's framework attaches."""

# --- An article as consumers see it ---------------------------------------------------------------

MAX_RELATED: Final = 10
"""Entries of `related`: the most that the seed format allows."""

MAX_RELATED_TITLE_CHARACTERS: Final = 300  # the longest of 7,932 real titles has 180
MAX_RELATED_EXCERPT_CHARACTERS: Final = 600  # the longest of 7,932 real excerpts has 435

MAX_RELATED_ENTRY_BYTES: Final = 12_000
"""Of an entry of `related` as JSON, and in a seed file. Title and excerpt take 5,400 if every
character needs an escape of six bytes; real entries have 2,000. A larger one loses parts."""

MAX_RELATED_BYTES: Final = MAX_RELATED * MAX_RELATED_ENTRY_BYTES
"""Of all entries. They share it where SEEDWIRE_PUBLISH_MAX_RELATED allows more than ten."""

MAX_QUOTED_TITLE_CHARACTERS: Final = 300
"""Of a title that a reason quotes. A reason quotes two at the most."""

IMAGE_GROWTH_BYTES: Final = 400
"""What measuring adds to an image of an article as JSON: sizes, claimed sizes, media type, SHA-256,
BlurHash and colour have 330 at the most."""

PAGE_GROWTH_BYTES: Final = 28_000
"""What an article's web page adds: an image and two AMP URLs, of 8,192 characters in ASCII each."""

DECISION_GROWTH_BYTES: Final = 12_000
"""What publishing adds: id, revision, lead, heat, the headers of the event, and a reason with two
quoted titles of which every character needs an escape."""

MAX_ARTICLE_BYTES: Final = (
    MAX_EVENT_BYTES - MAX_RELATED_BYTES - PAGE_GROWTH_BYTES - DECISION_GROWTH_BYTES
)
"""Of an article's own fields as JSON, each image counted with its growth: 840,000. Ingest refuses a
seed beyond it, because it could not be published with ten relatives."""

MAX_EXPORTED_BYTES: Final = (
    MAX_SEED_BYTES - MAX_RELATED_BYTES - PAGE_GROWTH_BYTES - DECISION_GROWTH_BYTES
)
"""Of an article's own fields as a seed file, each image counted with its growth: 888,576. So what
is accepted can be exported, with everything that was derived, and the export dropped again."""

# --- Receipts and rejected records ----------------------------------------------------------------

MAX_PATH_CHARACTERS: Final = 4_096  # of the `path` that a receipt repeats; the longest on Linux

MAX_CAUSES: Final = 25
"""Faults that a receipt, or a rejected record, lists. `SeedError` lists 21 at the most."""
MAX_CAUSE_FIELD_CHARACTERS: Final = 300
MAX_CAUSE_MESSAGE_CHARACTERS: Final = 1_000

CAUSES_BYTES: Final = 200_000
"""Of all causes as JSON: 25 × 1,300 characters, each of which may need an escape of six bytes, and
the names of their fields."""

REJECTION_GROWTH_BYTES: Final = CAUSES_BYTES + 10_000
"""What `seeds.rejected` adds to a rejected record: the causes, where it came from, and the lengths
and digests of what was cut."""

MAX_REJECTED_RECORD_BYTES: Final = MAX_EVENT_BYTES - REJECTION_GROWTH_BYTES
"""Of a rejected record that its event carries whole. The store keeps every record whole; the event
of a larger one carries the cuts below."""

MAX_REJECTED_KEY_BYTES: Final = MAX_EVENT_KEY_BYTES
MAX_REJECTED_HEADERS_BYTES: Final = 100_000
MAX_REJECTED_HEADER_NAME_CHARACTERS: Final = 1_000
MAX_REJECTED_VALUE_BYTES: Final = (
    MAX_REJECTED_RECORD_BYTES - MAX_REJECTED_KEY_BYTES - MAX_REJECTED_HEADERS_BYTES
)

# --- Stories --------------------------------------------------------------------------------------

MAX_STORY_EVENT_BYTES: Final = MAX_EVENT_BYTES - 10_000
"""Of the data of a story event, without key and headers. A story of 20,000 articles has 600,000;
the lists of a larger one are cut, and `omitted` counts what each lacks."""


def cut_text(text: str, max_characters: int) -> str:
    """*text*, or its beginning with an ellipsis, so that it has at most *max_characters*.

    The cut falls between characters as people see them: it separates no accent from its letter.
    """
    if len(text) <= max_characters:
        return text
    end = max_characters - len(ELLIPSIS)
    earliest = max(0, end - _MAX_JOINED)
    while end > earliest and _is_joined(text, end):
        end -= 1
    return text[:end].rstrip() + ELLIPSIS


def cut_bytes(value: bytes, max_bytes: int) -> bytes:
    """*value*, or its beginning; of UTF-8, no character is cut in two."""
    if len(value) <= max_bytes:
        return value
    end = max_bytes
    while end > max_bytes - 4 and value[end] & 0xC0 == 0x80:  # a byte inside a character
        end -= 1
    is_utf8 = value[end] & 0xC0 != 0x80
    return value[: end if is_utf8 else max_bytes]


_MAX_JOINED: Final = 32  # code points that one visible character may have; more is an attack
_ZERO_WIDTH_JOINER: Final = "\u200d"


def _is_joined(text: str, index: int) -> bool:
    """Whether the code points before and at *index* belong to one visible character."""
    before, after = text[index - 1], text[index]
    if _ZERO_WIDTH_JOINER in (before, after):
        return True
    return unicodedata.combining(after) > 0 or unicodedata.category(after) in ("Mn", "Me", "Sk")
