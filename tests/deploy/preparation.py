"""What the tests of the containers need on this machine, and how it gets there.

Everything that takes long is kept in the cache folder: Compose, and the file systems under the
stand-ins. `XDG_CACHE_HOME` moves it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.command_runner import run_command
from tests.deploy.engine import find_cache, find_missing_tools
from tests.deploy.go_programs import GoModule, say

PACKAGES: Final = ("docker.io", "iptables", "tini", "debootstrap", "iproute2")
TOOLS: Final = ("dockerd", "iptables", "tini", "debootstrap", "ip", "nsenter")
SUITE: Final = "bookworm"
PYTHON_PACKAGES: Final = "ca-certificates,python3,python3-venv,python3-pip,python-is-python3"
JAVA_PACKAGES: Final = "ca-certificates,openjdk-17-jre-headless,python3,python3-pymongo"
COMPOSE: Final = GoModule("github.com/docker/compose/v2", "v2.40.3")
CERTIFICATES: Final = Path("etc/ssl/certs/ca-certificates.crt")


def find_obstacle() -> str | None:
    """Why the containers cannot be tested on this machine; None if they can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "a container engine of one's own needs Linux, and root"
    missing = find_missing_tools(TOOLS)
    if missing and shutil.which("apt-get") is None:
        return f"there is no {' and no '.join(missing)}, and no apt-get to install them"
    if shutil.which("go") is None and not (find_cache() / "docker-compose").exists():
        return "there is no Go to build Compose with"
    return None


def prepare() -> Path:
    """Install and make what is missing; returns the cache folder.

    Takes about ten minutes the first time, and no time later.
    """
    cache = find_cache()
    cache.mkdir(parents=True, exist_ok=True)
    if find_missing_tools(TOOLS):
        install(PACKAGES)
    COMPOSE.build("cmd", cache / "docker-compose")
    _fetch_prometheus(cache)
    _make_file_system(cache / "python", PYTHON_PACKAGES)
    _make_file_system(cache / "java", JAVA_PACKAGES)
    return cache


def install(packages: Sequence[str]) -> None:
    """Install Debian's *packages*."""
    say(f"installing {' '.join(packages)}")
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    run_command(["apt-get", "-q", "update"], environment=environment)
    options = ("-q", "install", "--yes", "--no-install-recommends")
    run_command(["apt-get", *options, *packages], environment=environment)


def _fetch_prometheus(cache: Path) -> None:
    """Debian's Prometheus, out of its package: installing that would start it on this machine."""
    if (cache / "prometheus").exists():
        return
    say("fetching Prometheus")
    folder = cache / "prometheus.part"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    run_command(["apt-get", "download", "prometheus"], cwd=folder)
    (package,) = folder.glob("*.deb")
    run_command(["dpkg", "--extract", str(package), str(folder)])
    (folder / "usr/bin/prometheus").rename(cache / "prometheus")
    shutil.rmtree(folder)


def _make_file_system(folder: Path, packages: str) -> None:
    """A Debian with *packages*, which trusts whom this machine trusts."""
    if folder.exists():
        return
    say(f"making a file system with {packages}")
    unfinished = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    options = ["--variant=minbase", f"--include={packages}"]
    run_command(["debootstrap", *options, SUITE, str(unfinished), *_find_mirror()])
    own = Path("/") / CERTIFICATES
    if own.exists():
        shutil.copy(own, unfinished / CERTIFICATES)
    unfinished.rename(folder)


def _find_mirror() -> list[str]:
    """Where this machine has its own packages from, if it says so."""
    command = ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"]
    targets = subprocess.run(command, capture_output=True, text=True, check=False)
    return targets.stdout.split()[:1]
