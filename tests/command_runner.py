"""Runs programs to their end, for tests and for what prepares their machines."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

MAX_OUTPUT_CHARACTERS: Final = 4000  # of a failed program: its last words say why


class CommandFailed(Exception):
    """A program ended with another code than 0; the message has the end of its output."""


def run_command(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: str = "",
    seconds: float | None = None,
    returns_errors: bool = False,
) -> str:
    """Run *command* with *environment* beside that of this process; returns what it printed.

    *returns_errors* is whether what it prints as errors belongs to that. Raises CommandFailed, and
    TimeoutExpired after *seconds*.
    """
    process = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if returns_errors else subprocess.PIPE,
        text=True,
        timeout=seconds,
        check=False,
    )
    if process.returncode:
        line = " ".join(command)
        output = f"{process.stdout}{process.stderr or ''}"[-MAX_OUTPUT_CHARACTERS:]
        raise CommandFailed(f"{line}: exit code {process.returncode}\n{output}")
    return process.stdout
