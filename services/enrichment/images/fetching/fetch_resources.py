"""What one fetch holds of its worker's limits."""

import asyncio

from shared.concurrency.memory_budget import MemoryBudget, MemoryReservation


class FetchResources:
    """A slot, from the request on, and memory for the body that came.

    Empty at first. What was acquired is held until `release`, which gives back everything.
    """

    def __init__(self, slots: asyncio.Semaphore, memory: MemoryBudget) -> None:
        self._slots = slots
        self._memory = memory
        self._has_slot = False
        self._reservation: MemoryReservation | None = None

    async def acquire_slot(self) -> None:
        """Blocks until one of the worker's fetches releases its slot."""
        await self._slots.acquire()
        self._has_slot = True

    async def reserve_memory(self, size: int) -> None:
        """Blocks until there is memory for *size* bytes."""
        self._reservation = await self._memory.reserve(size)

    def shrink_memory(self, size: int) -> None:
        """Give back all but *size* bytes: the body turned out to be no larger."""
        if self._reservation is not None:
            self._reservation.shrink(size)

    def release(self) -> None:
        """May be repeated."""
        if self._reservation is not None:
            self._reservation.release()
            self._reservation = None
        if self._has_slot:
            self._has_slot = False
            self._slots.release()
