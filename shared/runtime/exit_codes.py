"""Exit codes of services and commands, and the one place where errors are mapped to them."""

from typing import Final

from shared.errors import (
    DependencyRejected,
    DependencyUnavailable,
    GroupJoinRejected,
    ProcessingHalted,
    RulesetChanged,
    SeedwireError,
    SettingsError,
)

OK: Final = 0
FAILED: Final = 1
WRONG_SETTINGS: Final = 2
DEPENDENCY_UNAVAILABLE: Final = 3  # or another ruleset was promoted: a restart helps
HALTED: Final = 4  # a restart does not help
GROUP_JOIN_REJECTED: Final = 5  # a restart helps

_EXIT_CODES: Final[dict[type[SeedwireError], int]] = {
    SettingsError: WRONG_SETTINGS,
    DependencyUnavailable: DEPENDENCY_UNAVAILABLE,
    RulesetChanged: DEPENDENCY_UNAVAILABLE,
    ProcessingHalted: HALTED,
    DependencyRejected: HALTED,
    GroupJoinRejected: GROUP_JOIN_REJECTED,
}


def exit_code_for(error: SeedwireError) -> int:
    """The exit code of a process that *error* ended."""
    for kind, code in _EXIT_CODES.items():
        if isinstance(error, kind):
            return code
    return FAILED
