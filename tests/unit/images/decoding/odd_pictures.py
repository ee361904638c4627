"""Pictures as the web has them: not as their formats want them, but as browsers show them."""

import io
import struct
import zlib

from PIL import Image, ImageDraw

XMP_TURNED = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
PNG_HEADER_END = 33  # bytes of the signature and of IHDR


def draw(size: tuple[int, int] = (400, 300), shift: int = 0) -> Image.Image:
    """Lines in all corners: what is cut off is missed."""
    width, height = size
    image = Image.new("RGB", size, (40, 90, 160))
    canvas = ImageDraw.Draw(image)
    for place in range(shift, width, 20):
        canvas.line([(place, 0), (width - place, height)], (200, place % 255, 60), 3)
    return image


def encode(picture_format: str, image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    if picture_format == "AVIF":
        options = {"speed": 10, **options}  # four times as fast
    image.save(buffer, picture_format, **options)
    return buffer.getvalue()


def encode_animation(picture_format: str, frames: int = 6) -> bytes:
    images = [draw(shift=3 * number) for number in range(frames)]
    rest = images[1:]
    return encode(picture_format, images[0], save_all=True, append_images=rest, duration=100)


def encode_camera_jpeg(size: tuple[int, int], *previews: tuple[int, int]) -> bytes:
    """A JPEG followed by smaller ones, with an index of all of them (MPO)."""
    smaller = [draw(preview) for preview in previews]
    return encode("MPO", draw(size), save_all=True, append_images=smaller, quality=60)


def png_chunk(name: bytes, data: bytes, checksum: int | None = None) -> bytes:
    checksum = zlib.crc32(name + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


def insert_chunk(chunk: bytes, png: bytes | None = None) -> bytes:
    """A PNG with *chunk* before its pixels."""
    png = encode("PNG", draw()) if png is None else png
    return png[:PNG_HEADER_END] + chunk + png[PNG_HEADER_END:]


def break_checksum(png: bytes, name: bytes) -> bytes:
    """*png* with another checksum in its first chunk of this name."""
    start = png.index(name) - 4
    length = int.from_bytes(png[start : start + 4])
    place = start + 8 + length
    return png[:place] + bytes([png[place] ^ 1]) + png[place + 1 :]


def encode_grey_16(values: list[int], transparent: int | None = None) -> bytes:
    """A PNG of 16-bit grey with a column of 100 x 400 pixels for each value."""
    row = b"".join(struct.pack(">H", value) * 100 for value in values)
    header = struct.pack(">IIBBBBB", 100 * len(values), 400, 16, 0, 0, 0, 0)
    transparency = b""
    if transparent is not None:
        transparency = png_chunk(b"tRNS", struct.pack(">H", transparent))
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + transparency
        + png_chunk(b"IDAT", zlib.compress((b"\0" + row) * 400))
        + png_chunk(b"IEND", b"")
    )


def encode_pixel(picture_format: str) -> bytes:
    return encode(picture_format, Image.new("RGB", (1, 1)))
