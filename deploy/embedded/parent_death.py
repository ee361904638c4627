"""Becomes a command that dies with its parent (Linux): `parent_death.py PARENT_PID COMMAND...`.

It is a program of its own instead of a `preexec_fn`, because Python code between fork and exec can
deadlock a parent that has threads. The request to the kernel survives the exec, and the process id
stays the same.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(parent: int, command: list[str]) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it died before the request, so no signal will come
        raise SystemExit("the parent is gone")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
