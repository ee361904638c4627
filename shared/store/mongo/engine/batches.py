"""Parts of long lists of ids: a query with 850,000 of them is larger than MongoDB accepts."""

from collections.abc import Collection, Iterator
from typing import Any, Final

# A command may have 16 MB; aliases and URLs have up to some kilobytes each.
MAX_IDS: Final = 10_000
MAX_CHARACTERS: Final = 2 << 20


def split_ids(ids: Collection[Any]) -> Iterator[list[Any]]:
    """*ids*, each once, in parts that fit into a query; nothing for no ids."""
    part: list[Any] = []
    characters = 0
    for document_id in dict.fromkeys(ids):
        length = len(document_id) if isinstance(document_id, str) else 0
        if part and (len(part) == MAX_IDS or characters + length > MAX_CHARACTERS):
            yield part
            part, characters = [], 0
        part.append(document_id)
        characters += length
    if part:
        yield part
