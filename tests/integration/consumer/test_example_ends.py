"""The example consumer in Python ends in order when a person or a supervisor stops it."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

EXAMPLE = ROOT / "examples" / "python" / "consumer.py"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_says_what_it_shows_and_ends_with_0(number: signal.Signals, tmp_path: Path):
    has_connected = asyncio.Event()
    held: list[asyncio.StreamWriter] = []

    def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)  # a Kafka that never answers
        has_connected.set()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            EXAMPLE,
            cwd=tmp_path,
            env={**os.environ, "SEEDWIRE_KAFKA": f"127.0.0.1:{port}"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        await has_connected.wait()
        process.send_signal(number)
        output, errors = await process.communicate()
        for writer in held:
            writer.close()
    assert (json.loads(output), process.returncode) == ({"final": {}}, 0)
    assert b"Traceback" not in errors
