"""In the console, the command line depends on actions and these on the supervisor, never back."""

import pytest

from tests.unit.test_layers import find_own_imports, is_within, list_modules

FRONTS = ("services.console.cli", "services.console.web")
ACTIONS = ("services.console.actions", "services.console.audit", "services.console.replay")


@pytest.mark.parametrize(
    "module",
    list_modules(
        "services/console/actions",
        "services/console/audit",
        "services/console/replay",
        "services/console/sampling",
        "services/console/supervisor",
    ),
)
def test_nothing_behind_them_imports_the_command_line_or_the_pages(module: str):
    assert {name for name in find_own_imports(module) if is_within(name, *FRONTS)} == set()


@pytest.mark.parametrize("module", list_modules("services/console/web"))
def test_the_pages_do_not_import_the_command_line(module: str):
    imports = find_own_imports(module)
    assert {name for name in imports if is_within(name, "services.console.cli")} == set()


@pytest.mark.parametrize("module", list_modules("services/console/supervisor"))
def test_the_supervisor_imports_no_actions(module: str):
    assert {name for name in find_own_imports(module) if is_within(name, *ACTIONS)} == set()
