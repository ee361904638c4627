"""A store that has users and TLS: our address reaches it, and a refusal says what is wrong."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from shared.runtime import exit_codes
from tests.certificates import issue_certificates
from tests.conftest import ROOT
from tests.deploy.ferretdb import PASSWORD, USER, FerretDB, running

pytestmark = pytest.mark.timeout(1800)

OWNER = f"{USER}:{quote(PASSWORD, safe='')}@"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FerretDB]:
    folder = tmp_path_factory.mktemp("ferretdb")
    with running(folder, issue_certificates(folder / "certificates")) as started:
        yield started


def run_list(folder: Path, **settings: str) -> tuple[int, str]:
    """Run `seedwire list`, which reads the store alone; returns exit code and all it printed."""
    environment = {**os.environ, "SEEDWIRE_HOME": str(folder), **settings}
    process = subprocess.run(
        [sys.executable, "-m", "services.console", "list"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return process.returncode, process.stdout + process.stderr


def test_a_user_with_a_password_reads_over_tls(store: FerretDB, tmp_path: Path) -> None:
    code, said = run_list(tmp_path, SEEDWIRE_STORE=store.address(OWNER))
    assert code == 0, said


def test_the_address_may_come_from_a_file(store: FerretDB, tmp_path: Path) -> None:
    (tmp_path / "store").write_text(store.address(OWNER) + "\n")
    code, said = run_list(tmp_path, SEEDWIRE_STORE_FILE=str(tmp_path / "store"))
    assert code == 0, said


@pytest.mark.parametrize("user", ["seedwire:hunter2@", "stranger:hunter2@"])
def test_a_wrong_password_is_said_and_not_shown(store: FerretDB, user: str, tmp_path: Path) -> None:
    code, said = run_list(tmp_path, SEEDWIRE_STORE=store.address(user))
    assert code == exit_codes.WRONG_SETTINGS
    name = user.partition(":")[0]
    assert f"refuses the user '{name}': the name or the password is wrong" in said
    assert "hunter2" not in said
    assert "Traceback" not in said


def test_a_missing_user_is_said(store: FerretDB, tmp_path: Path) -> None:
    code, said = run_list(tmp_path, SEEDWIRE_STORE=store.address(""))
    assert code == exit_codes.WRONG_SETTINGS
    assert "wants a user and a password, and SEEDWIRE_STORE has none" in said


def test_a_certificate_of_a_stranger_is_said(store: FerretDB, tmp_path: Path) -> None:
    address = store.address(OWNER, store.certificates.stranger)
    code, said = run_list(tmp_path, SEEDWIRE_STORE=address)
    assert code == exit_codes.DEPENDENCY_UNAVAILABLE
    assert "shows a certificate that is not trusted" in said
    assert PASSWORD not in said
