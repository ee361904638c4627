"""Whether bytes are a picture that we keep, and its size: by the first bytes, then by decoding."""

from dataclasses import replace
from typing import Final

from PIL import Image

from services.enrichment.images.decoding.crash_counts import CountedDecoder, DecodingGivenUp
from services.enrichment.images.decoding.decoder_errors import DECODER_ERRORS, describe_error
from services.enrichment.images.decoding.exif_orientation import measure_upright, read_orientation
from services.enrichment.images.decoding.picture_file import PictureFile
from services.enrichment.images.decoding.picture_format import detect_format
from services.enrichment.images.decoding.process_pool import DecodingPool, DecodingProcessDied
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


class PictureVerifier:
    """Verifies in *pool*: a small file can keep a decoder busy for an hour, and only a process can
    be stopped."""

    def __init__(self, pool: DecodingPool) -> None:
        self._pool = pool
        self._decoder = CountedDecoder(pool)

    async def verify(
        self, content: bytes, url: str = "", store: Store | None = None
    ) -> VerifiedPicture | Failure | RetryLater:
        """As `verify_picture`, for the picture at *url*, without blocking the loop.

        A picture that ended its process is tried once more, later, if a *store* counts how often.
        Raises DecoderUnavailable if this machine cannot start a process now, and StoreUnavailable.
        """
        picture_format = detect_format(content)
        if isinstance(picture_format, Failure):
            return picture_format
        try:
            picture = await self._decode(content, url, store)
        except DecodingProcessDied as error:
            if store is None:
                return _undecodable(str(error))
            return RetryLater(f"decoding it failed: {error}", is_host_failure=False)
        except DecodingGivenUp as error:
            return _undecodable(str(error))
        if isinstance(picture, Failure):
            return picture
        return replace(picture, content=content, url=url)

    async def _decode(
        self, content: bytes, url: str, store: Store | None
    ) -> VerifiedPicture | Failure:
        if store is None:
            return await self._pool.run(_verify_and_drop_content, content)
        return await self._decoder.run(_verify_and_drop_content, content, url, store)


def verify_picture(content: bytes) -> VerifiedPicture | Failure:
    """The picture with its true format and size, or why it is none that we keep.

    Blocks while it decodes.
    """
    picture_format = detect_format(content)
    if isinstance(picture_format, Failure):
        return picture_format
    try:
        return _decode(content, picture_format)
    except _TOO_LARGE_ERRORS as error:
        return Failure(FailureKind.TOO_LARGE, str(error) or "it does not fit into memory")
    except DECODER_ERRORS as error:
        return _undecodable(describe_error(error))


def _verify_and_drop_content(content: bytes) -> VerifiedPicture | Failure:
    """The caller has the bytes: they need not travel back from the process."""
    picture = verify_picture(content)
    if isinstance(picture, Failure):
        return picture
    return replace(picture, content=b"")


def _decode(content: bytes, picture_format: str) -> VerifiedPicture | Failure:
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
    with file.open() as image:
        image.load()
        orientation = read_orientation(image)
    file.check_end()
    width, height = measure_upright((width, height), orientation)
    return VerifiedPicture(content, f"image/{picture_format.lower()}", width, height, frames)


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
