"""A command that has commands of its own, such as `seedwire story`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import typer


@dataclass(frozen=True)
class CommandGroup:
    """The commands of a group by name, in the order that `--help` shows."""

    help: str
    commands: Mapping[str, Callable[..., Any]]

    def build(self) -> typer.Typer:
        group = typer.Typer(help=self.help, no_args_is_help=True, rich_markup_mode=None)
        for name, command in self.commands.items():
            group.command(name)(command)
        return group
