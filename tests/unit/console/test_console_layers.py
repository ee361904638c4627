"""In the console, the command line depends on actions and these on the supervisor, never back."""

import pytest

from tests.unit.test_layers import find_own_imports, is_within, list_modules

COMMAND_LINE = "services.console.cli"
ACTIONS = ("services.console.actions", "services.console.audit", "services.console.replay")


@pytest.mark.parametrize(
    "module",
    list_modules(
        "services/console/actions",
        "services/console/audit",
        "services/console/replay",
        "services/console/supervisor",
    ),
)
def test_only_the_command_line_imports_the_command_line(module: str):
    assert {name for name in find_own_imports(module) if is_within(name, COMMAND_LINE)} == set()


@pytest.mark.parametrize("module", list_modules("services/console/supervisor"))
def test_the_supervisor_imports_no_actions(module: str):
    assert {name for name in find_own_imports(module) if is_within(name, *ACTIONS)} == set()
