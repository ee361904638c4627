"""What the tests of Kubernetes need on this machine, and how it gets there.

Kubernetes is built from its source; its database comes from Debian. What is built is kept in the
cache folder; `XDG_CACHE_HOME` moves it.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.deploy.engine import find_cache, find_missing_tools
from tests.deploy.go_programs import GoModule
from tests.deploy.preparation import install

VERSION: Final = "v1.34.4"
SOURCE: Final = GoModule("k8s.io/kubernetes", VERSION, staged_version="v0.34.4")
CONTROL_PLANE: Final = ("kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
KEDA: Final = GoModule("github.com/kedacore/keda/v2", "v2.18.3")
DEFINITION: Final = Path("config/crd/bases/keda.sh_scaledobjects.yaml")
PACKAGE: Final = "etcd-server"
NETWORK_PLUGINS: Final = Path("/usr/lib/cni/bridge")


def find_folder() -> Path:
    """Where the programs of Kubernetes are kept."""
    return find_cache() / "kubernetes" / VERSION


def find_obstacle(programs: Sequence[str] = CONTROL_PLANE) -> str | None:
    """Why no API server can be had on this machine; None if one can."""
    if shutil.which("etcd") is None and (shutil.which("apt-get") is None or os.geteuid() != 0):
        return "there is no etcd (Debian's etcd-server), and no apt-get or no root to install it"
    missing = [name for name in programs if not (find_folder() / name).exists()]
    if missing and shutil.which("go") is None:
        return f"there is no Go to build {' and '.join(missing)} with"
    return None


def prepare(programs: Sequence[str] = CONTROL_PLANE) -> Path:
    """Install and build what is missing; returns the folder of the programs.

    Takes minutes of CPU the first time, and no time later.
    """
    if find_missing_tools(["etcd"]):
        install([PACKAGE])
    for name in programs:
        SOURCE.build(f"cmd/{name}", find_folder() / name)
    return find_folder()


def prepare_node() -> Path:
    """What a node needs besides; returns the folder of the programs."""
    if not NETWORK_PLUGINS.exists():
        install(["containernetworking-plugins"])
    return prepare([*CONTROL_PLANE, "kubelet"])


def fetch_definitions() -> Path:
    """The file that teaches an API server what KEDA's objects are."""
    kept = find_cache() / "kubernetes" / DEFINITION.name
    if not kept.exists():
        shutil.copy(Path(KEDA.download()["Dir"]) / DEFINITION, kept)
    return kept
