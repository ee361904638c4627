"""Keeps a picture that was measured: its bytes, what is made from them, and what is known of both.

Original, thumbnails, description, and only then, by whoever called, the outcome of the URL: so a death in between
leaves what no outcome refers to, and nothing that refers to what is not there. All of it may be repeated.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from services.enrichment.images.derivation import Derived, Rendered, derive
from services.enrichment.images.outcomes import Failed, Failure, Measured
from services.enrichment.images.pool import Died, Pool
from shared.clock import Clock
from shared.store import Content, Store, Thumbnail, thumbnail_name

_BROKEN: Final = (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError)


class Keeper:
    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def keep(self, picture: Measured, store: Store) -> Content | Failed:
        """The content under which *picture* is kept now, or why nothing can be made from it. Raises StoreAway."""
        sha256 = hashlib.sha256(picture.content).hexdigest()
        derived = await self._derived(picture.content)
        if isinstance(derived, Failed):
            return derived
        await store.bytes.put(sha256, picture.content)
        await put_thumbnails(sha256, derived.thumbnails, store)
        content = self._described(sha256, picture, derived)
        await store.contents.describe(content)
        return content

    async def _derived(self, content: bytes) -> Derived | Failed:
        try:
            return await self._pool.run(derive, content)
        except Died as error:
            return Failed(Failure.BROKEN, f"no thumbnail could be made: {error}")
        except MemoryError:
            return Failed(Failure.TOO_LARGE, "no thumbnail could be made: it takes too much memory")
        except _BROKEN as error:
            return Failed(Failure.BROKEN, f"no thumbnail could be made: {str(error)[:200] or type(error).__name__}")

    def _described(self, sha256: str, picture: Measured, derived: Derived) -> Content:
        return Content(
            sha256=sha256,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            frames=picture.frames,
            size=len(picture.content),
            colour=derived.colour,
            blurhash=derived.blurhash,
            thumbnails=tuple(Thumbnail(one.width, one.height, len(one.content)) for one in derived.thumbnails),
            described_at=self._clock(),
        )


async def put_thumbnails(sha256: str, thumbnails: Sequence[Rendered], store: Store) -> None:
    for thumbnail in thumbnails:
        await store.bytes.put(thumbnail_name(sha256, thumbnail.width), thumbnail.content)
