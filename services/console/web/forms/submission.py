"""What a form sent: who sent it, its fields, and the key that tells it from every other form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from services.console.actions.acts import ActCause
from shared.errors import SeedwireError

MAX_FORM_BYTES: Final = 8 * 1024 * 1024  # some large seeds; more goes in by `seedwire drop`
MAX_FIELDS: Final = 2_000
MAX_FILES: Final = 200


class FieldMissing(SeedwireError):
    """The form lacks a field that it needs. Consequence: 422, nothing is changed."""


@dataclass(frozen=True)
class Submission:
    """A form, after all checks. *key* is new with every form that a page shows: an act's id."""

    actor: str
    key: str
    fields: FormData

    def text(self, name: str) -> str:
        """The field without blanks around it; empty if it is not there."""
        return self.exact(name).strip()

    def exact(self, name: str) -> str:
        """The field as it was sent, with the line breaks of forms (CRLF) as line feeds."""
        value = self.fields.get(name, "")
        return value.replace("\r\n", "\n") if isinstance(value, str) else ""

    def require(self, name: str, what: str) -> str:
        """The field, which may not be empty. *what* names it in the error: `a reason`."""
        value = self.text(name)
        if not value:
            raise FieldMissing(f"{what} is missing")
        return value

    def cause(self, needed_reason: str = "") -> ActCause:
        """Who wants the act, and why. *needed_reason* names the reason where none is an error."""
        reason = self.require("reason", needed_reason) if needed_reason else self.text("reason")
        return ActCause(self.actor, reason, self.key)

    def number(self, name: str) -> int:
        """The field as a whole number. Raises FieldMissing."""
        value = self.text(name)
        if not value.isdecimal() or len(value) > 18:
            raise FieldMissing(f"the number {name} is missing")
        return int(value)

    def texts(self, name: str) -> Sequence[str]:
        """Every value of a field that may come several times, such as check boxes."""
        return [value for value in self.fields.getlist(name) if isinstance(value, str)]

    def files(self, name: str) -> Sequence[UploadFile]:
        """The files of a field, without those that were not chosen."""
        values = self.fields.getlist(name)
        return [value for value in values if isinstance(value, UploadFile) and value.filename]


async def read_fields(request: Request) -> FormData:
    """The fields of the form. Raises HTTPException (413) past MAX_FORM_BYTES."""
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > MAX_FORM_BYTES:
            raise HTTPException(413, "the form is too large: use `seedwire drop` for many files")
        return message

    limited = Request(request.scope, receive)
    return await limited.form(
        max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_FORM_BYTES
    )
