"""On a terminal, nothing that came from outside is obeyed: it is shown as text."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.console import Console
from tests.e2e.terminal import find_hidden, run_in_terminal

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

NASTY = "\x1b]0;owned\x07\x1b[5mBLINK\x9b2J\u202egpj\u200b\ufeff\u2028\x85\x7f[bold]:smile:"
VISIBLE = (
    "\\x1b]0;owned\\x07\\x1b[5mBLINK\\x9b2J\\u202egpj\\u200b\\ufeff\\u2028\\x85\\x7f[bold]:smile:"
)
SEED = """---
title: {title}
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://paper.example/{name}"
excerpt: {title}
{title}: {title}
quality: 80
---
"""
FILE_NAME = b"\x1b]0;owned\x07\xe2\x80\xae\xff.md"


@pytest.fixture
def nasty_files(tmp_path: Path) -> list[bytes]:
    """Two seeds that become one story, one with a fault, and one that is no seed."""
    title = json.dumps(f"Harbour bridge of Lowmarsh reopens after storm {NASTY}\nand a line")
    contents = {
        b"a.md": SEED.format(title=title, name="a").encode(),
        b"b.md": SEED.format(title=title, name="b").encode(),
        b"wrong-" + FILE_NAME: SEED.format(title=title, name="c").encode() + b"\nx",
        FILE_NAME: f"---\ntitle: {NASTY}\n---\n".encode(),
    }
    wrong = contents[b"wrong-" + FILE_NAME].replace(b"quality: 80", b"quality: x")
    contents[b"wrong-" + FILE_NAME] = wrong
    files = []
    for name, content in contents.items():
        file = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118  (bytes)
        with open(file, "wb") as target:  # noqa: PTH123
            target.write(content)
        files.append(file)
    return files


def list_commands(
    records: Sequence[Mapping[str, Any]], nasty_files: Sequence[bytes]
) -> list[tuple[str | bytes, ...]]:
    """Commands that show what came from outside, two of them about rejected *records*."""
    return [
        ("list",),
        ("show", "https://paper.example/a"),
        ("why", "https://paper.example/a"),
        ("why", "https://paper.example/a", "https://paper.example/b"),
        ("story", "list", "--all"),
        ("story", "show", "https://paper.example/a"),
        ("story", "pin", "https://paper.example/a", "https://paper.example/b", "--reason", NASTY),
        ("tail", "--from-start", "--until-idle"),
        ("tail", "--from-start", "--until-idle", "--topic", "seeds"),
        ("tail", "--from-start", "--until-idle", "--topic", "seeds.rejected"),
        ("rejected", "list"),
        *[("rejected", "show", record["id"]) for record in records],
        ("rejected", "dismiss", records[0]["id"], "--reason", NASTY, "--by", NASTY),
        ("rejected", "show", records[0]["id"]),
        ("rejected", "redrive", records[1]["id"]),
        ("audit",),
        ("status",),
        ("drop", *nasty_files),
    ]


def test_every_command_shows_what_came_from_outside_as_text(
    seedwire: Console, nasty_files: list[bytes]
):
    assert seedwire("up", "--detach").returncode == 0
    dropped = run_in_terminal(seedwire, "drop", *nasty_files)
    assert "2 accepted" in dropped
    assert "2 rejected" in dropped
    assert "\\u202e\\udcff.md" in dropped
    assert seedwire("wait", "--timeout", "240").returncode == 0
    records = seedwire.json("rejected", "list")
    assert len(records) == 2
    assert find_hidden(dropped) == set()
    for command in list_commands(records, nasty_files):
        for options in ((), ("--json",)):
            output = run_in_terminal(seedwire, *command, *options)
            assert find_hidden(output) == set(), command
            assert "\x1b[5m" not in output
            assert output.strip()
    assert VISIBLE in run_in_terminal(seedwire, "show", "https://paper.example/a")
    refused = run_in_terminal(seedwire, "rejected", "show", records[1]["id"], "--content")
    assert "send them to a file" in refused


@pytest.mark.parametrize("command", [("show",), ("drop",), ("list",), ()])
def test_errors_show_arguments_as_text(seedwire: Console, command: tuple[str, ...]):
    output = run_in_terminal(seedwire, *command, FILE_NAME)
    assert find_hidden(output) == set()
    assert "\\x1b]0;owned\\x07" in output
