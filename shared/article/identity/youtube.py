"""Videos of YouTube, each of which has URLs of several forms."""

import re
from typing import Final

_YOUTUBE_HOSTS: Final = frozenset({"youtube.com", "music.youtube.com", "youtube-nocookie.com"})
_YOUTUBE_PATH: Final = re.compile(r"/(?:embed|shorts|live|v)/([\w-]{6,})(?:/|$)", re.ASCII)
_YOUTUBE_ID: Final = re.compile(r"[\w-]{6,}", re.ASCII)


def find_video_id(host: str, path: str, parameters: list[str]) -> str | None:
    """The id of the YouTube video that the URL shows, if it shows one.

    *host* is normalised, *parameters* are `name=value`.
    """
    if host == "youtu.be":
        return _check_video_id(path.strip("/"))
    if host not in _YOUTUBE_HOSTS:
        return None
    if path.rstrip("/").lower() == "/watch":
        for parameter in parameters:
            if parameter.startswith("v="):
                return _check_video_id(parameter.removeprefix("v="))
        return None
    match = _YOUTUBE_PATH.match(path)
    return match[1] if match else None


def _check_video_id(text: str) -> str | None:
    return text if _YOUTUBE_ID.fullmatch(text) else None
