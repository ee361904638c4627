"""Frames: each message of the protocol is preceded by its size."""

import asyncio
import struct
from typing import Final

_SIZE: Final = struct.Struct(">i")
# Kafka's own limit for a request (`socket.request.max.bytes`).
MAX_BYTES: Final = 104_857_600


class BrokenFrame(Exception):
    """What arrives is not Kafka's protocol. Consequence: the connection is closed."""


async def read_frame(reader: asyncio.StreamReader) -> bytes | None:
    """The next message, or None at the end of the stream.

    Waits for it. Raises BrokenFrame, or OSError when the connection breaks.
    """
    try:
        (size,) = _SIZE.unpack(await reader.readexactly(_SIZE.size))
        if not 0 < size <= MAX_BYTES:
            raise BrokenFrame(f"a message of {size} bytes")
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError:
        return None


async def write_frame(writer: asyncio.StreamWriter, frame: bytes) -> None:
    """Send a message; waits while the other side is slow. Raises OSError."""
    writer.write(_SIZE.pack(len(frame)) + frame)
    await writer.drain()
