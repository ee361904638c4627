"""Commands on a pseudo-terminal, as a person runs them."""

import os
import pty
import re
import subprocess
import sys
import unicodedata

from tests.conftest import ROOT
from tests.e2e.console import COMMAND_TIMEOUT, Console

# What rich itself sends: colours and weights, erasing a line, moving up, hiding the cursor.
_OWN_SEQUENCES = re.compile(r"\r?\x1b\[(?:[0-4]?(?:;?[0-9]+)*m|2K|\d*[ABG]|\?25[lh]|\?2026[lh])")
_HIDDEN_CATEGORIES = ("Cc", "Cf", "Cs", "Zl", "Zp")


def run_in_terminal(seedwire: Console, *arguments: str | bytes) -> str:
    """Everything that the command writes to its terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "services.console", *arguments],
        cwd=ROOT,
        env={**seedwire.environment, "TERM": "xterm-256color", "COLUMNS": "200"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    output = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    process.wait(COMMAND_TIMEOUT)
    return output.decode()


def find_hidden(output: str) -> set[str]:
    """What a terminal would obey or not show, apart from what rich sends and line ends."""
    text = _OWN_SEQUENCES.sub("", output).replace("\r\n", "\n")
    hidden = {each for each in text if unicodedata.category(each) in _HIDDEN_CATEGORIES}
    return hidden - {"\n"}


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the process has closed its end
        return b""
