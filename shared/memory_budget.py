"""Room for bodies in memory: whoever would fill it waits, in turn, while his host waits with him."""

import asyncio


class Room:
    """So many *bytes* are held at a time."""

    def __init__(self, size: int) -> None:
        self._size = self._free = size
        self._turn = asyncio.Lock()  # a large body is not passed by small ones for ever
        self._given_back = asyncio.Event()

    async def take(self, size: int) -> "Share":
        """Wait until *size* bytes are free, or all there are, and hold them."""
        size = min(size, self._size)
        async with self._turn:
            while self._free < size:
                self._given_back.clear()
                await self._given_back.wait()
            self._free -= size
        return Share(self, size)

    def give_back(self, size: int) -> None:
        self._free += size
        self._given_back.set()


class Share:
    """What one body takes of the room."""

    def __init__(self, room: Room, size: int) -> None:
        self._room = room
        self._size = size

    def shrink(self, size: int) -> None:
        """It turned out to be no larger than that."""
        self._room.give_back(self._size - size)
        self._size = size

    def leave(self) -> None:
        self.shrink(0)
