"""What errors of a disk and of a bucket mean."""

import errno
from pathlib import Path

import pytest

from shared.errors import DependencyRejected, ErrorClass, StoreUnavailable, UnprocessableRecord
from shared.store.blobs.error_classes import (
    BUCKET_ERRORS,
    build_error,
    classify_bucket_error,
    classify_os_error,
)
from shared.store.blobs.files import FileBytes

exceptions = pytest.importorskip("obstore.exceptions")


@pytest.mark.parametrize(
    "number",
    [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EMFILE, errno.ESTALE],
)
def test_a_disk_that_is_full_or_away_is_not_the_records_fault(number: int):
    assert classify_os_error(OSError(number, "no")) == ErrorClass.TRANSIENT
    assert classify_os_error(OSError("without a number")) == ErrorClass.TRANSIENT


async def test_a_name_that_no_disk_takes_is_the_records_fault(tmp_path: Path):
    with pytest.raises(UnprocessableRecord):
        await FileBytes(tmp_path).put("x" * 300, b"bytes")


def test_every_classed_error_of_a_bucket_is_one_of_its_clients():
    for name in BUCKET_ERRORS:
        assert issubclass(getattr(exceptions, name), exceptions.BaseError)


def test_an_error_of_a_bucket_passes_unless_the_table_says_otherwise():
    assert classify_bucket_error(exceptions.GenericError("503")) == ErrorClass.TRANSIENT
    assert classify_bucket_error(exceptions.JoinError("new")) == ErrorClass.TRANSIENT
    assert classify_bucket_error(exceptions.PermissionDeniedError("no")) == ErrorClass.FATAL
    assert classify_bucket_error(exceptions.InvalidPathError("no")) == ErrorClass.PERMANENT


@pytest.mark.parametrize(
    ("error_class", "kind"),
    [
        (ErrorClass.TRANSIENT, StoreUnavailable),
        (ErrorClass.PERMANENT, UnprocessableRecord),
        (ErrorClass.FATAL, DependencyRejected),
    ],
)
def test_each_class_has_its_error(error_class: ErrorClass, kind: type[Exception]):
    assert isinstance(build_error(error_class, "no"), kind)
