"""Files whose end is missing, though a browser shows them.

A download that stopped early often lacks bytes that no pixel of the picture depends on: the last
marker of a JPEG, the later frames of an animation. Decoders refuse such files; this gives them an
end. Whether the first frame itself is whole is proved by decoding it with two different ends.
"""

from typing import Final

from services.enrichment.images.decoding.picture_format import list_brands
from services.enrichment.images.limits import MAX_PICTURE_BYTES

_JPEG_SCAN: Final = b"\xff\xda"
_JPEG_END: Final = b"\xff\xd9"
# In place of pixels that are missing: a decoder makes something else of each.
_FILLERS: Final = (b"", bytes(range(7, 247, 3)))

_RIFF_HEADER: Final = 12
_WEBP_ANIMATION: Final = 0x02  # flags in the first byte of the chunk VP8X
_WEBP_METADATA: Final = 0x0C  # EXIF and XMP, which come after the frames


def lacks_end(content: bytes, picture_format: str) -> bool:
    """Whether the file may be cut behind its first frame. Then `add_end` makes it decodable."""
    if picture_format == "JPEG":
        return content.rfind(_JPEG_END) < content.rfind(_JPEG_SCAN)
    return picture_format == "AVIF" and _count_missing_avif_bytes(content) > 0


def add_end(content: bytes, picture_format: str, variant: int) -> bytes:
    """*content* with an end: 0 or 1 is the *variant* of what stands for missing bytes."""
    if picture_format == "JPEG":
        # The first half of the last marker may be there.
        return content.rstrip(b"\xff") + _FILLERS[variant] + _JPEG_END
    filler = bytes([variant * 0x55])
    return content + filler * _count_missing_avif_bytes(content)


def trim_cut_webp(content: bytes) -> bytes:
    """An animated WebP without the frame in whose middle it is cut; any other WebP as it is."""
    size = int.from_bytes(content[4:8], "little") + 8
    has_flags = content[12:16] == b"VP8X" and len(content) > 20
    if size <= len(content) or not has_flags or not content[20] & _WEBP_ANIMATION:
        return content
    end, has_frame = _RIFF_HEADER, False
    while end + 8 <= len(content):
        length = int.from_bytes(content[end + 4 : end + 8], "little")
        chunk_end = end + 8 + length + length % 2
        if chunk_end > len(content):
            break
        has_frame = has_frame or content[end : end + 4] == b"ANMF"
        end = chunk_end
    if not has_frame:
        return content
    flags = bytes([content[20] & ~_WEBP_METADATA])
    riff_size = (end - 8).to_bytes(4, "little")
    return content[:4] + riff_size + content[8:20] + flags + content[21:end]


def _count_missing_avif_bytes(content: bytes) -> int:
    """The bytes that an animated AVIF lacks of the box with its frames; 0 if it is whole."""
    if b"avis" not in list_brands(content):
        return 0
    start, size = 0, len(content)
    while start + 8 <= len(content):
        size = int.from_bytes(content[start : start + 4])
        if size == 1:
            size = int.from_bytes(content[start + 8 : start + 16])
        if size < 8:  # 0: up to the end of the file
            return 0
        is_frames = content[start + 4 : start + 8] == b"mdat"
        start += size
    missing = start - len(content)
    return missing if is_frames and 0 < missing <= MAX_PICTURE_BYTES else 0
