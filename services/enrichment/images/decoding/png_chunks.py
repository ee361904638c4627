"""The chunks of a PNG that its pixels depend on.

As browsers do, this leaves out an ancillary chunk whose checksum is wrong, and reads no text and no
colour profile, whose few bytes may inflate to gigabytes. Critical chunks must be sound.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_SIGNATURE_LENGTH: Final = 8
_OVERHEAD: Final = 12  # bytes of a chunk besides its data: length, name, checksum
_COLOUR_TYPE: Final = 25  # its place in the file
# Bytes of a sound tRNS chunk, by colour type: one grey, one colour, a value for each palette entry.
_TRANSPARENCY_LENGTHS: Final = {0: range(2, 3), 2: range(6, 7), 3: range(1, 257)}


@dataclass(frozen=True)
class PngContent:
    """*decodable*: a PNG with the chunks that are needed. *frames*: as many as the file claims."""

    decodable: bytes
    frames: int


@dataclass(frozen=True)
class _Chunk:
    name: bytes
    whole: memoryview  # with length, name and checksum
    is_complete: bool

    @property
    def is_critical(self) -> bool:
        return not self.name[0] & 0x20  # its first letter is a capital

    @property
    def is_sound(self) -> bool:
        checksum = int.from_bytes(self.whole[-4:])
        return self.is_complete and zlib.crc32(self.whole[4:-4]) == checksum

    @property
    def data(self) -> memoryview:
        return self.whole[8:-4]


def read_png(content: bytes) -> PngContent:
    """Raises SyntaxError if the checksum of a critical chunk is wrong.

    A chunk that is cut off by the end of the file ends the picture: the decoder knows whether all
    pixels are there.
    """
    parts: list[bytes | memoryview] = [content[:_SIGNATURE_LENGTH]]
    colour_type = content[_COLOUR_TYPE] if len(content) > _COLOUR_TYPE else 0
    for chunk in _iterate_chunks(content):
        if chunk.is_critical and chunk.is_complete and not chunk.is_sound:
            name = chunk.name.decode("ascii")
            raise SyntaxError(f"the checksum of its chunk {name} is wrong")
        if chunk.is_critical or _is_needed(chunk, colour_type):
            parts.append(chunk.whole)
    return PngContent(b"".join(parts), _count_frames(content))


def _is_needed(chunk: _Chunk, colour_type: int) -> bool:
    """Of an ancillary chunk: transparency and orientation are."""
    if chunk.name == b"tRNS":
        lengths = _TRANSPARENCY_LENGTHS.get(colour_type, range(0))
        return len(chunk.data) in lengths and chunk.is_sound
    return chunk.name == b"eXIf" and chunk.is_sound


def _count_frames(content: bytes) -> int:
    frames, is_default_animated = 0, False
    for chunk in _iterate_chunks(content):
        if chunk.name == b"IDAT":
            break
        if chunk.name == b"acTL" and chunk.is_sound:
            frames = int.from_bytes(chunk.data[:4])
        is_default_animated = is_default_animated or chunk.name == b"fcTL"
    if frames and not is_default_animated:
        frames += 1  # the picture for programs that show no animations
    return max(1, frames)


def _iterate_chunks(content: bytes) -> Iterator[_Chunk]:
    """Until IEND, the end of the file, or what is no chunk."""
    view, start = memoryview(content), _SIGNATURE_LENGTH
    name = b""
    while name != b"IEND" and start + 8 <= len(content):
        length, name = int.from_bytes(view[start : start + 4]), bytes(view[start + 4 : start + 8])
        if not (name.isascii() and name.isalpha()):
            return
        end = start + length + _OVERHEAD
        yield _Chunk(name, view[start:end], is_complete=end <= len(content))
        start = end
