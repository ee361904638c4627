"""What errors of the MongoDB driver mean: the record's fault only if the table says so."""

import bson
import pytest
from bson.errors import InvalidBSON
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
    WriteError,
)

from shared.errors import DependencyRejected, StoreUnavailable, UnprocessableRecord
from shared.store.mongo.engine.error_classes import FATAL_CODES, PERMANENT_CODES, UNENCODABLE
from shared.store.mongo.engine.errors import translate_error

ADDRESS, URL = "mongodb://host/news", "mongodb://user:hunter2@host/news"
# Cache pressure, a connection pool, blocked writes, a lock, a conflict, out of disk, and codes that
# no version has yet.
OF_THE_SERVER = [365, 317, 371, 46, 112, 14031, 1, 8, 136, 402, 449, 462, 91331, 987_654]


def translate(error: Exception) -> Exception:
    return translate_error(error, ADDRESS, URL)


def bulk_error(*codes: int, concern: bool = False) -> BulkWriteError:
    errors = [
        {"index": index, "code": code, "errmsg": f"code {code}"} for index, code in enumerate(codes)
    ]
    concerns = [{"code": 64, "errmsg": "waiting timed out"}] if concern else []
    return BulkWriteError({"writeErrors": errors, "writeConcernErrors": concerns})


@pytest.mark.parametrize("code", OF_THE_SERVER)
def test_a_code_that_no_table_has_is_the_servers(code: int):
    for error in (OperationFailure("no", code), WriteError("no", code), bulk_error(code)):
        assert isinstance(translate(error), StoreUnavailable)


@pytest.mark.parametrize("code", PERMANENT_CODES)
def test_a_permanent_code_is_the_records(code: int):
    for error in (OperationFailure("no", code), WriteError("no", code), bulk_error(11000, code)):
        assert isinstance(translate(error), UnprocessableRecord)


@pytest.mark.parametrize("code", FATAL_CODES)
def test_a_fatal_code_ends_the_process(code: int):
    for error in (OperationFailure("no", code), bulk_error(code)):
        assert isinstance(translate(error), DependencyRejected)


def test_no_code_is_classed_twice():
    assert not PERMANENT_CODES.keys() & FATAL_CODES.keys()


def test_of_a_bulk_write_the_record_is_at_fault_if_one_of_its_parts_is():
    """The batch is then handled record by record, and those that met a conflict pass."""
    assert isinstance(translate(bulk_error(112, 2, 11000)), UnprocessableRecord)
    assert isinstance(translate(bulk_error(112, 11000)), StoreUnavailable)


@pytest.mark.parametrize("error", [DuplicateKeyError("twice", 11000), bulk_error(11000, 11000)])
def test_duplicate_keys_are_the_callers(error: Exception):
    assert translate(error) is error


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("gone"),
        NetworkTimeout("timed out"),
        ServerSelectionTimeoutError("none"),
        NotPrimaryError("stepped down"),
        ExecutionTimeout("too slow", 50),
        WriteConcernError("no majority", 64),
        bulk_error(11000, concern=True),
        bulk_error(concern=True),
        OperationFailure("no code at all"),
        PyMongoError("something new"),
    ],
    ids=repr,
)
def test_whatever_happens_on_the_way_is_the_servers(error: Exception):
    assert isinstance(translate(error), StoreUnavailable)


@pytest.mark.parametrize(
    "document",
    [{"half": "\ud800"}, {"large": 2**70}, {"nul\0": 1}, {"odd": object()}],
    ids=["half-a-surrogate", "large-integer", "nul-in-a-name", "no-bson-type"],
)
def test_what_has_no_form_in_bson_is_the_records(document: dict[str, object]):
    with pytest.raises(UNENCODABLE) as caught:
        bson.encode(document)
    assert isinstance(translate(caught.value), UnprocessableRecord)


@pytest.mark.parametrize("error", [DocumentTooLarge("17 MB"), InvalidBSON("odd")])
def test_a_document_that_is_too_large_or_invalid_is_the_records(error: Exception):
    assert isinstance(translate(error), UnprocessableRecord)


def test_a_wrong_password_ends_the_process():
    assert isinstance(translate(ConfigurationError("no such mechanism")), DependencyRejected)
    cloud = OperationFailure("bad auth : Authentication failed.", 8000)
    assert isinstance(translate(cloud), DependencyRejected)
    quota = OperationFailure("you are over your space quota", 8000)
    assert isinstance(translate(quota), StoreUnavailable)


class TestWhatIsWrongWithTheUser:
    @pytest.mark.parametrize(
        "error",
        [
            OperationFailure("Authentication failed.", 18),
            OperationFailure("no such user", 11),
            OperationFailure("bad auth : Authentication failed.", 8000),
        ],
        ids=["wrong password", "unknown", "in the cloud"],
    )
    def test_a_wrong_password_is_said(self, error: Exception):
        said = str(translate(error))
        assert "refuses the user 'user': the name or the password is wrong" in said
        assert "hunter2" not in said

    def test_a_missing_right_is_said(self):
        said = str(translate(OperationFailure("not authorized on news to execute …", 13)))
        assert "denies the user 'user' what Seedwire needs: the role readWrite" in said

    def test_a_server_that_wants_a_user_is_told_from_one_that_knows_another(self):
        error = OperationFailure("Command find requires authentication", 13)
        said = str(translate_error(error, ADDRESS, ADDRESS))
        assert said.endswith("wants a user and a password, and SEEDWIRE_STORE has none")


def test_a_certificate_that_is_not_trusted_is_said_and_waited_for():
    cause = "certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)"
    meaning = translate(ServerSelectionTimeoutError(f"host:27017: [SSL: …] {cause} (configured …"))
    assert isinstance(meaning, StoreUnavailable)
    assert str(meaning).endswith(
        "shows a certificate that is not trusted: unable to get local issuer certificate"
    )


def test_a_message_says_what_the_server_said_without_the_password_and_in_one_line():
    meaning = translate(OperationFailure(f"lost\n{URL}", 365))
    assert "mongodb://host/news fails now: lost …" in str(meaning)
    assert "hunter2" not in str(meaning)
    large = translate(OperationFailure("x" * 10_000, 2))
    assert len(str(large)) < 400
