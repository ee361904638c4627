"""Every command: where it is, and what `seedwire --help` says of it.

To import all commands takes a second, so the list of them imports none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import typer

from services.console.cli.command_group import CommandGroup


@dataclass(frozen=True)
class Command:
    """A command: its function or group, as `module.name` in this package, and its summary.

    The summary is the first paragraph of its help. A test compares them.
    """

    path: str
    summary: str

    def load(self) -> Any:
        """The function or the group. Imports its module."""
        module, _, attribute = self.path.rpartition(".")
        return getattr(import_module(f"services.console.cli.{module}"), attribute)


def add_command(app: typer.Typer, name: str) -> None:
    """Add the command with its options, to be run."""
    command = COMMANDS[name].load()
    if isinstance(command, CommandGroup):
        app.add_typer(command.build(), name=name)
    else:
        app.command(name)(command)


def list_command(app: typer.Typer, name: str) -> None:
    """Add the command as a line of the list of commands."""
    app.command(name, help=COMMANDS[name].summary)(lambda: None)


COMMANDS: Final[Mapping[str, Command]] = {
    "up": Command("operations.up.up", "Start the services, watch them and restart those that end."),
    "down": Command("operations.down.down", "Stop what `seedwire up` started."),
    "status": Command(
        "operations.status.status", "Show Kafka, the store, every service, and where work is."
    ),
    "console": Command(
        "operations.console.console",
        "Print the address of the web console, as a link that signs you in.",
    ),
    "drop": Command("drops.drop.drop", "Drop seeds and print what became of each."),
    "wait": Command(
        "operations.wait.wait",
        "Wait until all drops have passed every stage, and nothing is left to link anew.",
    ),
    "list": Command("articles.list.list_articles", "List articles, hottest first."),
    "show": Command("articles.show.show", "Show one article."),
    "why": Command("articles.why.why", "Explain a decision, or the relation of two articles."),
    "tail": Command("articles.tail.tail", "Follow what is published, as other teams receive it."),
    "watch": Command("drops.watch.watch", "Drop every seed file that arrives in a folder."),
    "story": Command(
        "stories.story.GROUP", "List and show stories; pin, block, merge and split them."
    ),
    "rejected": Command(
        "rejected.rejected.GROUP", "List, show, redrive and dismiss rejected records."
    ),
    "images": Command(
        "pictures.images.GROUP", "Check stored images, clean them up, and see all of them."
    ),
    "log": Command("operations.log.log", "Show the acts of people, the latest first."),
    "export": Command(
        "articles.export.export", "Write every article as a seed file that is named by its id."
    ),
    "audit": Command("checks.audit.audit", "Check that nothing was lost, invented or left behind."),
    "replay": Command(
        "checks.replay.replay",
        "Try other rules of linking and publishing on everything in the store.",
    ),
    "backfill": Command(
        "drops.backfill.backfill_folder",
        "Drop a large folder without making live drops wait, and say what was rejected.",
    ),
    "rebuild": Command(
        "operations.rebuild.rebuild_topics",
        "Send the latest state of every article and story into the public topics again.",
    ),
    "upgrade": Command(
        "operations.upgrade.upgrade",
        "Show the steps of the store's schema, and which workers are of an older version.",
    ),
    "acls": Command(
        "operations.acls.acls",
        "Print the kafka-acls commands that let each service do its work, and nothing else.",
    ),
    "contract": Command(
        "checks.contract.GROUP",
        "The published contract: its files, and whether they keep what was released.",
    ),
    "conformance": Command(
        "checks.conformance.conformance",
        "Test whether a consumer of published.log and published.state does what it should.",
    ),
    "demo": Command(
        "operations.demo.demo", "Run everything from nothing, on an invented newsroom."
    ),
}
"""In the order that `--help` shows."""
