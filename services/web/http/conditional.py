"""Answers with validators, so that whoever has them already is told in a few bytes.

Every answer has an `ETag` of its bytes. `Last-Modified` is the time of the latest revision of
anything, retractions among them: a list that lost an article must not look older than before.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

# Within a second, or while a revision is on its way into the store, two answers may have one
# `Last-Modified`. It is believed once it is that old.
BELIEVED_AFTER: Final = timedelta(seconds=5)
FOR_A_MINUTE: Final = "public, max-age=60"
INERT: Final = "default-src 'none'; sandbox"

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Access-Control-Allow-Origin": "*",  # what is public anyway; there are no cookies
}


def respond(
    request: Request,
    body: bytes,
    media_type: str,
    changed_at: datetime | None = None,
    cache_control: str = FOR_A_MINUTE,
    policy: str = INERT,
) -> Response:
    """The answer with *body*, or 304 if the request says that it has it already.

    *policy* is what a browser may do with it.
    """
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**_HEADERS, "ETag": etag, "Cache-Control": cache_control}
    headers["Content-Security-Policy"] = policy
    if changed_at is not None:
        headers["Last-Modified"] = format_datetime(changed_at.astimezone(UTC), usegmt=True)
    if is_known(request, etag, changed_at):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def is_known(request: Request, etag: str, changed_at: datetime | None) -> bool:
    """Whether the request's validators match. `If-None-Match` goes before `If-Modified-Since`."""
    if_none_match = request.headers.get("if-none-match")
    if if_none_match is not None:
        return matches(if_none_match, etag)
    since = _parse_time(request.headers.get("if-modified-since", ""))
    if since is None or changed_at is None:
        return False
    is_believed = datetime.now(UTC) - changed_at >= BELIEVED_AFTER
    return is_believed and changed_at.replace(microsecond=0) <= since


def matches(if_none_match: str, etag: str) -> bool:
    """Whether the header `If-None-Match` names this entity tag, weak or strong."""
    if if_none_match.strip() == "*":
        return True
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags


def _parse_time(text: str) -> datetime | None:
    try:
        time = parsedate_to_datetime(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
