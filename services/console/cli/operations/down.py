"""`seedwire down`: stops what `seedwire up` started."""

from services.console.actions.operations.process_control import stop_supervisor
from services.console.cli.output import print_line
from services.console.supervisor.state_dir import StateDir
from shared.settings import Settings, load_settings


def down() -> None:
    """Stop what `seedwire up` started.

    Stops the services first, each after its current batch, then the broker.

    Examples:

      seedwire down
    """
    state_dir = StateDir(load_settings(Settings).home.absolute())
    pid = state_dir.supervisor_pid()
    if pid is None:
        print_line(f"nothing runs in {state_dir.path}")
        return
    stop_supervisor(state_dir, pid)
    print_line("stopped")
