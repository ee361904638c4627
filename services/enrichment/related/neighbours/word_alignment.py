"""Which words two titles share in the same order, as difflib's `SequenceMatcher` finds them.

Titles are short, the places of the words of each are known before, and most titles have their
common words in one order. So this takes a fraction of the time, which is much of the cost of a
large story.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

Places = Mapping[str, Sequence[int]]
"""Where each word of a title is."""


class Block(NamedTuple):
    """*size* words that both titles have, from *start* and from *other_start* on."""

    start: int
    other_start: int
    size: int


_NOTHING: Final[dict[int, int]] = {}


def find_blocks(words: Sequence[str], places: Places, length: int) -> list[Block]:
    """The longest block of *words* in a title of *length* words, and those on either side of it.

    *places* are those of the other title's words. The blocks come in order, and are as long as they
    can be.
    """
    blocks = _find_blocks_in_order(words, places)
    return _find_blocks_in_parts(words, places, length) if blocks is None else blocks


def _find_blocks_in_order(words: Sequence[str], places: Places) -> list[Block] | None:
    """The blocks of two titles that have all common words once and in one order, as most have.

    None if these two do not. Such blocks never cross, so each run of words is one.
    """
    blocks: list[Block] = []
    start = other_start = size = 0  # of the block that grows
    latest = -1
    for place, word in enumerate(words):
        found = places.get(word)
        if found is None:
            continue
        other = found[0]
        if len(found) > 1 or other <= latest:
            return None
        latest = other
        if size and place == start + size and other == other_start + size:
            size += 1
            continue
        if size:
            blocks.append(Block(start, other_start, size))
        start, other_start, size = place, other, 1
    if size:
        blocks.append(Block(start, other_start, size))
    return blocks


def _find_blocks_in_parts(words: Sequence[str], places: Places, length: int) -> list[Block]:
    """The blocks of any two titles: the longest one, and those on either side of it."""
    blocks: list[Block] = []
    parts = [(0, len(words), 0, length)]
    while parts:
        start, end, other_start, other_end = parts.pop()
        block = _find_longest(words[:end], places, start, other_start, other_end)
        if not block.size:
            continue
        blocks.append(block)
        if start < block.start and other_start < block.other_start:
            parts.append((start, block.start, other_start, block.other_start))
        after, other_after = block.start + block.size, block.other_start + block.size
        if after < end and other_after < other_end:
            parts.append((after, end, other_after, other_end))
    return _merge(sorted(blocks))


def find_replaced(
    blocks: Sequence[Block], length: int, other_length: int
) -> list[tuple[slice, slice]]:
    """The places between *blocks* where both titles have words, but others."""
    replaced: list[tuple[slice, slice]] = []
    start = other_start = 0
    for block in (*blocks, Block(length, other_length, 0)):
        if start < block.start and other_start < block.other_start:
            replaced.append((slice(start, block.start), slice(other_start, block.other_start)))
        start, other_start = block.start + block.size, block.other_start + block.size
    return replaced


def _find_longest(
    words: Sequence[str], places: Places, start: int, other_start: int, other_end: int
) -> Block:
    """The longest block from *start* on; of equals the first in *words*, then in the other."""
    best = Block(start, other_start, 0)
    sizes = _NOTHING  # of the blocks that end with the word before, by their other end
    for place in range(start, len(words)):
        following: dict[int, int] = {}
        for other in places.get(words[place], ()):
            if other_start <= other < other_end:
                size = following[other] = sizes.get(other - 1, 0) + 1
                if size > best.size:
                    best = Block(place - size + 1, other - size + 1, size)
        sizes = following
    return best


def _merge(blocks: Sequence[Block]) -> list[Block]:
    """Blocks that lie side by side in both titles are one."""
    merged: list[Block] = []
    for block in blocks:
        last = merged[-1] if merged else Block(0, 0, 0)
        is_next = (last.start + last.size, last.other_start + last.size) == block[:2]
        if merged and is_next:
            merged[-1] = Block(last.start, last.other_start, last.size + block.size)
        else:
            merged.append(block)
    return merged
