"""Which errors of the operating system are this machine's fault rather than a record's."""

import errno
import os
from typing import Final

from shared.errors import MachineUnavailable

MACHINE_FAULTS: Final = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
    }
)
"""A full or broken disk, too many open files, too little memory: each passes, or a person must
look, and no other record would fare better."""


def translate_machine_fault(error: OSError) -> Exception:
    """MachineUnavailable if this machine is at fault, or else *error* as it is."""
    if error.errno not in MACHINE_FAULTS:
        return error
    where = f" ({error.filename})" if error.filename else ""
    return MachineUnavailable(f"this machine: {os.strerror(error.errno)}{where}")
