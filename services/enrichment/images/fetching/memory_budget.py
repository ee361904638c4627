"""What one fetch holds of its worker: a place from the request on, and room for the bytes that came."""

import asyncio

from shared.memory_budget import Room, Share


class Hold:
    """Empty at first; what was taken is held until it is left, all at once."""

    def __init__(self, places: asyncio.Semaphore, room: Room) -> None:
        self._places = places
        self._room = room
        self._has_place = False
        self._share: Share | None = None

    async def take_place(self) -> None:
        await self._places.acquire()
        self._has_place = True

    async def take_room(self, size: int) -> None:
        """For *size* bytes at most."""
        self._share = await self._room.take(size)

    def shrink(self, size: int) -> None:
        """It turned out to be no more than *size* bytes."""
        if self._share is not None:
            self._share.shrink(size)

    def leave(self) -> None:
        self.shrink(0)
        self._share = None
        if self._has_place:
            self._has_place = False
            self._places.release()
