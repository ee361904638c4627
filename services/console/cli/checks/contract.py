"""`seedwire contract`: the files that describe what is published, and whether they keep it."""

from pathlib import Path
from typing import Annotated, Final

import typer

from services.console.actions.contract import (
    check_contract,
    find_stale_files,
    generate_contract,
)
from services.console.cli.command_group import CommandGroup
from services.console.cli.output import AsJson, print_error, print_json, print_line
from services.console.contract.compatibility.released_contract import Finding
from shared.contract_files import RELEASED


def generate(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a file is out of date.")
    ] = False,
) -> int:
    """Write schemas, AsyncAPI and page of the contract anew, from the models of the events.

    Examples:

      seedwire contract generate

      seedwire contract generate --check
    """
    if check:
        stale = find_stale_files()
        for path in stale:
            print_error(f"contract/{path} is out of date: run `seedwire contract generate`")
        return int(bool(stale))
    for path in generate_contract():
        print_line(f"wrote contract/{path}")
    return 0


def check(
    against: Annotated[
        Path,
        typer.Option(
            "--against", metavar="DIR", help="A released copy, or a folder of such copies."
        ),
    ] = RELEASED,
    current: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The contract to check; what the models give, if none."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Check that readers of every released contract understand this one, and this one old records.

    Each break is named with its field and what to do instead. New optional fields, new events and
    new values of open enumerations break nothing. The exit code is 1 if something breaks.

    Examples:

      seedwire contract check --against contract/released

      seedwire contract check --against /tmp/theirs --current /tmp/ours --json
    """
    released, found = check_contract(against, current)
    for finding in found:
        if as_json:
            print_json(finding.as_json())
        else:
            _print_finding(finding)
    if not as_json:
        print_line(f"contract: {len(found)} breaks against {', '.join(released)}")
    return int(bool(found))


def _print_finding(finding: Finding) -> None:
    field = finding.found.path or "the whole"
    print_line(f"BREAK {finding.subject} of {finding.released}: {field}")
    print_line(f"  {finding.found.sentence}")
    print_line(f"  remedy: {finding.found.remedy}")


GROUP: Final = CommandGroup(
    help="The published contract: its files, and whether they keep what was released.",
    commands={"generate": generate, "check": check},
)
