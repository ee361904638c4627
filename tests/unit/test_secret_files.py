"""Secrets in files: read at each use, and every fault of them a sentence that shows no secret."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from shared.broker.network.connection import client_options
from shared.errors import SettingsError
from shared.secret_files import read_secret
from shared.settings import Settings

KAFKA = {"kafka": "k:9093", "kafka_security": "sasl_plaintext", "kafka_username": "newsroom"}


def build(**fields: object) -> Settings:
    return Settings(**{**KAFKA, **fields})  # type: ignore[arg-type]


def write(folder: Path, content: bytes) -> Path:
    file = folder / "secret"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("content", [b"opensesame", b"opensesame\n", b"opensesame\r\n"])
def test_a_line_feed_at_the_end_is_no_part_of_it(content: bytes, tmp_path: Path):
    assert read_secret("X", write(tmp_path, content)) == "opensesame"


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "is empty"), (b"\n", "is empty"), (b"\xff\xfe", "no UTF-8")]
)
def test_what_is_no_secret_is_said(content: bytes, reason: str, tmp_path: Path):
    with pytest.raises(SettingsError, match=f"^X: .*{reason}"):
        read_secret("X", write(tmp_path, content))


def test_a_password_that_changes_is_used_by_the_next_client(tmp_path: Path):
    file = write(tmp_path, b"first")
    settings = build(kafka_password_file=file)
    assert client_options(settings)["sasl_plain_password"] == "first"
    file.write_text("second\n")
    assert client_options(settings)["sasl_plain_password"] == "second"


def test_both_ways_to_give_a_password_are_refused(tmp_path: Path):
    file = write(tmp_path, b"first")
    with pytest.raises(ValidationError, match="both set"):
        build(kafka_password_file=file, kafka_password=SecretStr("hush"))


def test_a_missing_file_ends_the_process_at_once(tmp_path: Path):
    with pytest.raises(ValidationError, match=r"PASSWORD_FILE: .* cannot be read: No such file"):
        build(kafka_password_file=tmp_path / "gone")


def test_a_password_file_without_a_password_protocol_is_refused(tmp_path: Path):
    file = write(tmp_path, b"first")
    with pytest.raises(ValidationError, match="PASSWORD_FILE is set, but"):
        build(kafka_security="ssl", kafka_username="", kafka_password_file=file)


def test_the_address_of_the_store_comes_from_its_file(tmp_path: Path):
    file = write(tmp_path, b"mongodb://u:hush@m/seedwire\n")
    settings = Settings(store_file=file)
    assert settings.store_url == "mongodb://u:hush@m/seedwire"
    assert "hush" not in repr(settings)


def test_two_addresses_of_the_store_are_refused(tmp_path: Path):
    file = write(tmp_path, b"mongodb://m/seedwire")
    with pytest.raises(ValidationError, match="both set"):
        Settings(store_file=file, store="sqlite:////tmp/x.db")
