"""Opens pictures as browsers do: it reads what they read, and forgives what they forgive."""

import hashlib
import io
import warnings
from typing import Final

from PIL import Image, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from services.enrichment.images.decoding.decoder_errors import DECODER_ERRORS
from services.enrichment.images.decoding.png_chunks import read_png
from services.enrichment.images.decoding.truncated_files import add_end, lacks_end, trim_cut_webp
from services.enrichment.images.limits import MAX_PIXELS

# The decoders themselves, not Image.open: that makes an animation of a camera's JPEG, in which
# previews of other sizes follow the picture, and knows fewer brands of AVIF.
_DECODERS: Final[dict[str, type[ImageFile.ImageFile]]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "GIF": GifImageFile,
    "WEBP": WebPImageFile,
    "AVIF": AvifImageFile,
}

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
ImageFile.LOAD_TRUNCATED_IMAGES = False


class PictureFile:
    """The bytes of a picture, and how they are decoded. Raises DECODER_ERRORS."""

    def __init__(self, content: bytes, picture_format: str) -> None:
        self._content = content
        self._format = picture_format
        self._lacks_end = lacks_end(content, picture_format)
        self._claimed_frames = 1
        if picture_format == "PNG":
            png = read_png(content)
            self._content, self._claimed_frames = png.decodable, png.frames
        elif picture_format == "WEBP":
            self._content = trim_cut_webp(content)

    def open(self, variant: int = 0) -> ImageFile.ImageFile:
        """The picture before it is decoded. *variant*, 0 or 1: of an end that was missing."""
        content = self._content
        if self._lacks_end:
            content = add_end(content, self._format, variant)
        return _DECODERS[self._format](io.BytesIO(content))

    def check_end(self) -> None:
        """Raises OSError if pixels depend on an end that is missing. Blocks while it decodes."""
        if self._lacks_end and self._digest_pixels(0) != self._digest_pixels(1):
            raise OSError("it is cut off")

    def count_frames(self, most: int) -> int:
        """The frames, counted up to one more than *most*; without those behind a broken one.

        A GIF may have thousands, and Pillow draws each as a whole.
        """
        if self._format in ("JPEG", "PNG"):
            return self._claimed_frames
        with self.open() as image:
            if self._format != "GIF":
                return int(getattr(image, "n_frames", 1))
            for number in range(1, most + 1):
                try:
                    image.seek(number)
                except DECODER_ERRORS:
                    return number
        return most + 1

    def _digest_pixels(self, variant: int) -> bytes:
        with self.open(variant) as image:
            return hashlib.sha256(image.tobytes()).digest()
