"""What a heartbeat means some time after it was written."""

import os
import socket
from datetime import datetime, timedelta
from typing import Final

from shared.store import Heartbeat
from shared.store.ports.operations.workers import FINAL_STATES

FORGET_AFTER: Final = timedelta(hours=1)  # after that a lost process is not listed any more
STATES: Final = ("starting", "working", "waiting", *FINAL_STATES, "lost")


def state_of(heartbeat: Heartbeat, at: datetime) -> str:
    """The state that the process reported last, or `lost` if it fell silent without an end."""
    if heartbeat.state in FINAL_STATES:
        return heartbeat.state
    if not heartbeat.is_live(at):
        return "lost"
    is_local = heartbeat.host == socket.gethostname()
    if is_local and not _is_process_alive(heartbeat.pid):
        return "lost"
    return heartbeat.state


def select_recent(heartbeats: list[Heartbeat], at: datetime) -> list[Heartbeat]:
    """Those of processes that were heard of lately, by service and instance."""
    recent = [heartbeat for heartbeat in heartbeats if at - heartbeat.at < FORGET_AFTER]
    return sorted(recent, key=lambda heartbeat: (heartbeat.service, heartbeat.instance))


def _is_process_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
