"""A memory budget for bodies: a weighted semaphore, first come, first served."""

import asyncio


class MemoryBudget:
    """At most *size* bytes are reserved at a time."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._free = size
        self._turn = asyncio.Lock()  # so that small bodies cannot overtake a large one for ever
        self._released = asyncio.Event()

    async def reserve(self, size: int) -> "MemoryReservation":
        """Wait until *size* bytes are free, and reserve them; of a larger size, the whole budget.

        Blocks behind earlier callers. A cancelled caller loses its turn and reserves nothing.
        """
        size = min(size, self._size)
        async with self._turn:
            while self._free < size:
                self._released.clear()
                await self._released.wait()
            self._free -= size
        return MemoryReservation(self, size)

    def give_back(self, size: int) -> None:
        """Called by a reservation that shrinks."""
        self._free += size
        self._released.set()


class MemoryReservation:
    """The part of the budget that one body holds until it is released."""

    def __init__(self, budget: MemoryBudget, size: int) -> None:
        self._budget = budget
        self._size = size

    def shrink(self, size: int) -> None:
        """Give back all but *size* bytes: the body turned out to be no larger."""
        self._budget.give_back(self._size - size)
        self._size = size

    def release(self) -> None:
        """Give everything back. May be repeated."""
        self.shrink(0)
