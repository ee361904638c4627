"""The list of commands, which `seedwire --help` prints without importing any."""

import inspect
import subprocess
import sys

import pytest

from services.console.cli.command_group import CommandGroup
from services.console.cli.commands import COMMANDS

SHOW_IMPORTS = """
import sys
from services.console.cli.main import run
code = run(["--help"])
print("imported:", *sys.modules)
sys.exit(code)
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_of_a_command_is_how_its_help_begins(name: str):
    command = COMMANDS[name].load()
    text = command.help if isinstance(command, CommandGroup) else inspect.getdoc(command)
    first_paragraph = text.partition("\n\n")[0]
    assert COMMANDS[name].summary == " ".join(first_paragraph.split())


def test_help_lists_every_command_and_imports_none_and_no_settings():
    result = subprocess.run(
        [sys.executable, "-c", SHOW_IMPORTS], capture_output=True, text=True, check=True
    )
    listed, _, imported = result.stdout.partition("imported:")
    for name in COMMANDS:
        assert f"\n  {name} " in listed
    modules = {f"services.console.cli.{each.path.rpartition('.')[0]}" for each in COMMANDS.values()}
    assert modules.isdisjoint(imported.split())
    assert {"pydantic", "aiokafka", "shared.settings"}.isdisjoint(imported.split())
