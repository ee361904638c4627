"""Style sheet and scripts: read once, named by their content, so that browsers may keep them."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

STATIC: Final = Path(__file__).parents[1] / "static"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
A_YEAR: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class _File:
    content: bytes
    media_type: str
    digest: str  # as `integrity` wants it


class StaticFiles:
    """The files of *folder* whose types are known. Others are not served."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._files: dict[str, _File] = {}
        for path in sorted(folder.rglob("*")):
            if path.suffix in TYPES:
                name = path.relative_to(folder).as_posix()
                self._files[name] = _load(path)

    def locate(self, name: str) -> str:
        """The path of the file, which changes with its content. Raises KeyError."""
        digest = hashlib.sha256(self._files[name].content).hexdigest()
        return f"/static/{name}?v={digest[:12]}"

    def digest(self, name: str) -> str:
        """The value of `integrity` for the file. Raises KeyError."""
        return self._files[name].digest

    async def answer(self, request: Request) -> Response:
        file = self._files.get(request.path_params["name"])
        if file is None:
            return PlainTextResponse("There is no such file.", 404)
        return Response(file.content, media_type=file.media_type, headers={"Cache-Control": A_YEAR})


def _load(path: Path) -> _File:
    content = path.read_bytes()
    digest = base64.b64encode(hashlib.sha384(content).digest()).decode()
    return _File(content, TYPES[path.suffix], f"sha384-{digest}")
