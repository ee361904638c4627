"""The images of the compose file: ours, built as the file says, and stand-ins for the others."""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Final

import yaml

from tests.conftest import ROOT
from tests.deploy.engine import DOCKER, Engine
from tests.engines.fetch import fetch_jars

COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SEEDWIRE: Final[str] = COMPOSE["services"]["ingest"]["image"]
KAFKA: Final[str] = COMPOSE["services"]["kafka"]["image"]
MONGO: Final[str] = COMPOSE["services"]["mongo"]["image"]
JAVA: Final = "seedwire-standin/java"
PROMETHEUS: Final = "seedwire-standin/prometheus"
STAND_INS: Final = Path(__file__).parent / "stand_ins"
BUILD_SECONDS: Final = 1800.0


def build_stand_ins(engine: Engine, cache: Path) -> None:
    """Stand-ins for the Python base, Kafka and MongoDB, under the names of the real images.

    And an image of Prometheus, which the compose file does not name.
    """
    _import_file_system(engine, cache / "python", _find_base())
    _import_file_system(engine, cache / "java", JAVA)
    with tempfile.TemporaryDirectory() as scratch:
        context = Path(scratch) / "context"
        shutil.copytree(STAND_INS, context)
        shutil.copytree(fetch_jars(), context / "jars")
        shutil.copy(cache / "prometheus", context)
        for name, image in (("Kafka", KAFKA), ("Mongo", MONGO), ("Prometheus", PROMETHEUS)):
            file = context / f"{name}.Dockerfile"
            engine.docker("build", "--quiet", f"--file={file}", f"--tag={image}", str(context))


def build_pause(engine: Engine, tag: str) -> None:
    """An image that does nothing: Kubernetes holds the network of a pod open with one."""
    text = f'FROM {_find_base()}\nENTRYPOINT ["sleep", "infinity"]\n'
    engine.run([DOCKER, "build", "--quiet", f"--tag={tag}", "-"], stdin=text)


def copy_tree(folder: Path) -> Path:
    """A copy of what the image is built from, in the new *folder*: the tree itself may change."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    forgotten = shutil.ignore_patterns("__pycache__", "*.pyc")
    folder.mkdir()
    for name in [".dockerignore", *(line[1:] for line in lines if line.startswith("!"))]:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=forgotten)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def build_seedwire(
    engine: Engine, tag: str = SEEDWIRE, *, tree: Path = ROOT, from_nothing: bool = False
) -> None:
    """Our image, from *tree*. *from_nothing* uses no layer of an earlier build."""
    options = ["--no-cache"] if from_nothing else []
    build = COMPOSE["services"]["ingest"]["build"]
    engine.docker(
        "build",
        *options,
        "--network=host",  # for the packages
        f"--file={tree / build['dockerfile']}",
        f"--tag={tag}",
        str(tree / build["context"]),
        seconds=BUILD_SECONDS,
    )


def _find_base() -> str:
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    (base,) = {line.split()[1] for line in lines if line.startswith("FROM ")}
    return base


def _import_file_system(engine: Engine, folder: Path, image: str) -> None:
    """*folder* as *image*, unless a run before left it: a new one would undo every cached layer."""
    if engine.docker("images", "--quiet", image):
        return
    with subprocess.Popen(["tar", "-C", str(folder), "-c", "."], stdout=subprocess.PIPE) as tar:
        subprocess.run(
            [DOCKER, "--host", engine.address, "import", "-", image],
            stdin=tar.stdout,
            stdout=subprocess.DEVNULL,
            check=True,
        )


def list_content(engine: Engine, image: str) -> dict[str, str]:
    """What *image* contains: for each path its kind, rights, owner and the hash of its bytes."""
    container = engine.docker("create", image).strip()
    try:
        with tempfile.NamedTemporaryFile(suffix=".tar") as archive:
            engine.docker("export", f"--output={archive.name}", container)
            with tarfile.open(archive.name) as content:
                return {entry.name: _describe(content, entry) for entry in content}
    finally:
        engine.docker("rm", container)


def _describe(content: tarfile.TarFile, entry: tarfile.TarInfo) -> str:
    digest = ""
    file = content.extractfile(entry) if entry.isfile() else None
    if file is not None:
        digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    return f"{entry.type!r} {entry.mode:o} {entry.uid}:{entry.gid} {entry.linkname} {digest}"
