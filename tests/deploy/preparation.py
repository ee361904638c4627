"""What the tests of the containers need on this machine, and how it gets there.

Everything that takes long is kept in the cache folder: Compose, and the file systems under the
stand-ins. `XDG_CACHE_HOME` moves it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.deploy.engine import find_cache, find_missing_tools

PACKAGES: Final = ("docker.io", "iptables", "tini", "debootstrap", "iproute2")
TOOLS: Final = ("dockerd", "iptables", "tini", "debootstrap", "ip", "nsenter")
SUITE: Final = "bookworm"
PYTHON_PACKAGES: Final = "ca-certificates,python3,python3-venv,python3-pip,python-is-python3"
JAVA_PACKAGES: Final = "ca-certificates,openjdk-17-jre-headless,python3,python3-pymongo"
COMPOSE: Final = "github.com/docker/compose/v2"
COMPOSE_VERSION: Final = "v2.40.3"
STUB_MODULE: Final = "module seedwire-compose\n\ngo 1.24\n"
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
        _install_packages()
    if not (cache / "docker-compose").exists():
        _build_compose(cache)
    _make_file_system(cache / "python", PYTHON_PACKAGES)
    _make_file_system(cache / "java", JAVA_PACKAGES)
    return cache


def _install_packages() -> None:
    _say(f"installing {' '.join(PACKAGES)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "-q", "update"], env=environment)
    _run(
        ["apt-get", "-q", "install", "--yes", "--no-install-recommends", *PACKAGES],
        env=environment,
    )


def _build_compose(cache: Path) -> None:
    """Build Compose as a dependency of a module: its own module cannot be installed by version."""
    _say(f"building Compose {COMPOSE_VERSION} (four minutes of CPU)")
    folder = cache / "compose.part"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "go.mod").write_text(STUB_MODULE)
    environment = {**os.environ, "GOFLAGS": "-mod=mod"}
    _run(["go", "get", f"{COMPOSE}@{COMPOSE_VERSION}"], cwd=folder, env=environment)
    _run(
        ["go", "build", "-trimpath", "-ldflags=-s -w", "-o", "docker-compose", f"{COMPOSE}/cmd"],
        cwd=folder,
        env=environment,
    )
    (folder / "docker-compose").rename(cache / "docker-compose")
    shutil.rmtree(folder)


def _make_file_system(folder: Path, packages: str) -> None:
    """A Debian with *packages*, which trusts whom this machine trusts."""
    if folder.exists():
        return
    _say(f"making a file system with {packages}")
    unfinished = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    options = ["--variant=minbase", f"--include={packages}"]
    _run(["debootstrap", *options, SUITE, str(unfinished), *_find_mirror()])
    own = Path("/") / CERTIFICATES
    if own.exists():
        shutil.copy(own, unfinished / CERTIFICATES)
    unfinished.rename(folder)


def _find_mirror() -> list[str]:
    """Where this machine has its own packages from, if it says so."""
    command = ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"]
    targets = subprocess.run(command, capture_output=True, text=True, check=False)
    return targets.stdout.split()[:1]


def _run(command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    process = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{process.stdout[-3000:]}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
