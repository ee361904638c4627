"""Whether bytes are a picture that we keep, and its size: by the first bytes, then by decoding.

What is stored with a picture is made in the same go, so that it is decoded once.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PIL import Image, ImageFile

from services.enrichment.images.decoding.crash_counts import CountedDecoder, DecodingGivenUp
from services.enrichment.images.decoding.decoder_errors import DECODER_ERRORS, describe_error
from services.enrichment.images.decoding.derivatives import Derivatives
from services.enrichment.images.decoding.exif_orientation import measure_upright, read_orientation
from services.enrichment.images.decoding.picture_file import PictureFile
from services.enrichment.images.decoding.picture_format import detect_format
from services.enrichment.images.decoding.process_pool import (
    DecodingPool,
    DecodingProcessDied,
    Work,
)
from services.enrichment.images.decoding.thumbnails import can_be_drafted, try_derive
from services.enrichment.images.fetch_outcome import (
    Failure,
    FailureKind,
    RetryLater,
    VerifiedPicture,
)
from services.enrichment.images.limits import MAX_FRAMES, MAX_PIXELS, MIN_PIXELS
from shared.store import Store

_TOO_LARGE_ERRORS: Final = (
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    MemoryError,
)


def verify_picture(content: bytes) -> VerifiedPicture | Failure:
    """The picture with its true format and size, or why it is none that we keep.

    Blocks while it decodes.
    """
    picture = _verify(content, _make_nothing)
    return picture if isinstance(picture, Failure) else replace(picture, content=content)


def verify_with_derivatives(content: bytes) -> VerifiedPicture | Failure:
    """As `verify_picture`, with the derivatives and without the bytes.

    The caller has the bytes: they need not travel back from the process. A picture that has no
    derivatives is none that we keep.
    """
    return _verify(content, _make_derivatives)


Make = Callable[[PictureFile, ImageFile.ImageFile], Derivatives | Failure | None]
"""What is made of a picture that is decoded, from its file and its first frame."""


def _make_nothing(file: PictureFile, image: ImageFile.ImageFile) -> None:
    """Nothing: the picture is only verified."""


def _make_derivatives(file: PictureFile, image: ImageFile.ImageFile) -> Derivatives | Failure:
    if not can_be_drafted(image):
        return try_derive(image)
    # It is decoded again, at a fraction of its size: that takes less than shrinking all of it.
    image.close()
    with file.open() as drafted:
        return try_derive(drafted)


def _verify(content: bytes, make: Make) -> VerifiedPicture | Failure:
    """The picture without its bytes, with what *make* makes of it."""
    picture_format = detect_format(content)
    if isinstance(picture_format, Failure):
        return picture_format
    try:
        return _decode(content, picture_format, make)
    except _TOO_LARGE_ERRORS as error:
        return Failure(FailureKind.TOO_LARGE, str(error) or "it does not fit into memory")
    except DECODER_ERRORS as error:
        return _undecodable(describe_error(error))


def _decode(content: bytes, picture_format: str, make: Make) -> VerifiedPicture | Failure:
    file = PictureFile(content, picture_format)
    with file.open() as image:
        width, height = image.size
    failure = _check_size(width, height)
    if failure is not None:
        return failure
    frames = file.count_frames(min(MAX_FRAMES, MAX_PIXELS // (width * height)))
    if frames > MAX_FRAMES or width * height * frames > MAX_PIXELS:
        reason = f"it has {width} x {height} pixels in {frames} frames"
        return Failure(FailureKind.TOO_LARGE, reason)
    file.check_end()
    with file.open() as image:
        image.load()
        width, height = measure_upright((width, height), read_orientation(image))
        made = make(file, image)
    if isinstance(made, Failure):
        return made
    media_type = f"image/{picture_format.lower()}"
    return VerifiedPicture(b"", media_type, width, height, frames, derivatives=made)


def _check_size(width: int, height: int) -> Failure | None:
    reason = f"it claims {width} x {height} pixels"
    if width * height > MAX_PIXELS:
        return Failure(FailureKind.TOO_LARGE, reason)
    if not (width and height):
        return Failure(FailureKind.BROKEN, reason)
    if width * height < MIN_PIXELS:
        reason = f"it has {width} x {height} pixels, as a tracking pixel has"
        return Failure(FailureKind.TOO_SMALL, reason)
    return None


def _undecodable(reason: str) -> Failure:
    return Failure(FailureKind.BROKEN, f"it cannot be decoded: {reason}")


Decode = Work[VerifiedPicture | Failure]


class PictureVerifier:
    """Verifies in *pool*: a small file can keep a decoder busy for an hour, and only a process can
    be stopped. *decode* is what a process does with the bytes of a picture."""

    def __init__(self, pool: DecodingPool, decode: Decode = verify_with_derivatives) -> None:
        self._pool = pool
        self._decode = decode
        self._decoder = CountedDecoder(pool)

    async def verify(
        self, content: bytes, url: str = "", store: Store | None = None
    ) -> VerifiedPicture | Failure | RetryLater:
        """As `verify_with_derivatives`, for the picture at *url*, without blocking the loop.

        A picture that ended its process is tried once more, later, if a *store* counts how often.
        Raises DecoderUnavailable if this machine cannot start a process now, and StoreUnavailable.
        """
        picture_format = detect_format(content)
        if isinstance(picture_format, Failure):
            return picture_format
        try:
            picture = await self._decode_in_pool(content, url, store)
        except DecodingProcessDied as error:
            if store is None:
                return _undecodable(str(error))
            return RetryLater(f"decoding it failed: {error}", is_host_failure=False)
        except DecodingGivenUp as error:
            return _undecodable(str(error))
        if isinstance(picture, Failure):
            return picture
        return replace(picture, content=content)

    async def _decode_in_pool(
        self, content: bytes, url: str, store: Store | None
    ) -> VerifiedPicture | Failure:
        if store is None:
            return await self._pool.run(self._decode, content)
        return await self._decoder.run(self._decode, content, url, store)
