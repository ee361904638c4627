"""The published contract: make its files, and check them against what was released."""

from collections.abc import Sequence
from pathlib import Path

from services.console.contract.compatibility.released_contract import (
    Finding,
    build_contract,
    find_breaks,
    load_contract,
    load_released,
)
from services.console.contract.generation import build_files, find_stale, write_files
from shared.contract_files import CONTRACT


def generate_contract(folder: Path = CONTRACT) -> list[str]:
    """Write what differs from the models; returns the paths, within the folder."""
    return write_files(folder, build_files())


def find_stale_files(folder: Path = CONTRACT) -> list[str]:
    """The paths of files that are not what the models give."""
    return find_stale(folder, build_files())


def check_contract(
    released: Path, current: Path | None = None
) -> tuple[Sequence[str], list[Finding]]:
    """The names of the released copies in a folder, and what *current* would break of them.

    *current* is a folder; None: what the models give.

    Every copy is compared, not the latest alone: a compacted topic keeps old records for ever.
    Raises SettingsError if a folder holds no contract.
    """
    copies = load_released(released)
    now = build_contract() if current is None else load_contract(current)
    found = [finding for copy in copies for finding in find_breaks(copy, now)]
    return [copy.name for copy in copies], found
