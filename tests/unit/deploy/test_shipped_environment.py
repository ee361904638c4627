"""The image's environment suffices: every module that it ships can be imported in it."""

import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "deploy" / "requirements.lock"
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
INSTALL_SECONDS = 240

# What the image ships and nothing in it can run: the embedded broker is no part of it.
NOT_RUN = ("deploy.embedded",)


def list_shipped_modules() -> list[str]:
    """Every module of the folders that the Dockerfile copies."""
    folders = re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE)
    assert sorted(folders) == ["contract", "deploy", "services", "shared"]
    modules = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if not name.endswith("__main__"):  # running it is what it is for
                modules.append(name)
    return [name for name in modules if not name.startswith(NOT_RUN)]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the packages of the image's lock, and no others."""
    folder = tmp_path_factory.mktemp("image")
    venv.create(folder, with_pip=False)
    interpreter = folder / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(interpreter), "install", "--quiet"]
    command += ["--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
    try:
        installed = subprocess.run(
            [*command, "-r", str(LOCK)],
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"the package registry did not deliver the lock within {INSTALL_SECONDS} s")
    if installed.returncode != 0:
        pytest.skip(f"the package registry cannot be reached: {installed.stderr[-300:]}")
    return interpreter


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_every_shipped_module_can_be_imported_with_the_locked_packages_alone(python: Path):
    program = (
        "import importlib, sys\n"
        "failed = []\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        importlib.import_module(name)\n"
        "    except ImportError as error:\n"
        "        failed.append(f'{name}: {error}')\n"
        "print('\\n'.join(failed))\n"
    )
    modules = list_shipped_modules()
    assert "deploy.health_check" in modules
    result = subprocess.run(
        [str(python), "-B", "-c", program, *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (result.stdout.strip(), result.returncode) == ("", 0), result.stderr[-2000:]
