"""Two forms count as one only if they ask for the same."""

import io

import pytest
from starlette.datastructures import FormData, UploadFile

from services.console.web.forms.fingerprint import fingerprint_form


def make_form(name: str = "a.md", content: bytes = b"first", text: str = "") -> FormData:
    upload = UploadFile(io.BytesIO(content), size=len(content), filename=name)
    return FormData([("key", "form-1"), ("text", text), ("files", upload)])


def test_a_form_that_is_sent_twice_is_the_same():
    assert fingerprint_form("/drop", "ann", make_form()) == fingerprint_form(
        "/drop", "ann", make_form()
    )


@pytest.mark.parametrize(
    "other",
    [make_form(content=b"other"), make_form(name="b.md"), make_form(text="x")],
    ids=["file", "name", "text"],
)
def test_other_content_is_another_form_also_in_a_file_of_the_same_size(other: FormData):
    first = fingerprint_form("/drop", "ann", make_form())
    assert fingerprint_form("/drop", "ann", other) != first


async def test_the_file_can_be_read_after_it():
    form = make_form()
    fingerprint_form("/drop", "ann", form)
    upload = form["files"]
    assert isinstance(upload, UploadFile)
    assert await upload.read() == b"first"
