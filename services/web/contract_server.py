"""`GET /contract/{path}`: the published contract, as files, for other teams."""

import asyncio
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from services.web.http.conditional import respond
from services.web.http.problems import build_problem

INDEX: Final = "index.html"
FOR_FIVE_MINUTES: Final = "public, max-age=300"
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"  # of its page
_MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".yaml": "application/yaml",
}


class ContractServer:
    """Serves the documents in *folder*, and no other files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def answer(self, request: Request) -> Response:
        found = await asyncio.to_thread(self._read, request.path_params["path"])
        if found is None:
            return build_problem(404, f"the contract has no {request.url.path}")
        body, media_type = found
        return respond(request, body, media_type, cache_control=FOR_FIVE_MINUTES, policy=_POLICY)

    def _read(self, path: str) -> tuple[bytes, str] | None:
        """The bytes and the media type; None for what is no file of the contract."""
        try:
            file = (self._folder / (path or INDEX)).resolve()
            media_type = _MEDIA_TYPES.get(file.suffix)
            is_ours = file.is_relative_to(self._folder) and file.is_file()
            return (file.read_bytes(), media_type) if media_type and is_ours else None
        except (OSError, ValueError):  # a name that no file can have
            return None
