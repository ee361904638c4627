"""Internal events about pictures: an article waits for the picture at a URL."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from shared.broker.records import Event, Record
from shared.events.cloud_event import build_cloud_event, read_field, read_kind
from shared.events.topics import WANTED
from shared.trace_context import TraceContext

_PICTURE_WANTED: Final = "picture.wanted"
_PICTURE_WANTED_AGAIN: Final = "picture.wanted.again"


def build_picture_wanted(
    article_id: str,
    url: str,
    host: str,
    cause: str,
    time: datetime | None = None,
    trace: TraceContext | None = None,
    again: bool = False,
) -> Event:
    """The article waits for the picture at *url*. The key is *host*: one image worker owns it.

    *cause*, *time* and *trace* are as in `build_article_enriched`. *again*: the work was parked,
    and may take long.
    """
    return build_cloud_event(
        WANTED,
        key=host,
        event_id=f"{article_id}.wanted.{digest_url(url)}.{cause}",
        kind=_PICTURE_WANTED_AGAIN if again else _PICTURE_WANTED,
        data={"articleId": article_id, "url": url},
        time=time,
        trace=trace,
    )


def is_wanted_again(record: Record) -> bool:
    """Whether the record asks for a picture whose work was parked before."""
    return read_kind(record) == _PICTURE_WANTED_AGAIN


def read_wanted_pictures(records: Sequence[Record]) -> dict[str, list[str]]:
    """The URLs that `pictures.wanted` records ask for, each with its distinct articles.

    Raises UnprocessableRecord for any other record.
    """
    articles: dict[str, dict[str, None]] = {}
    for record in records:
        article_id, url = read_field(record, "articleId"), read_field(record, "url")
        articles.setdefault(url, {})[article_id] = None
    return {url: list(article_ids) for url, article_ids in articles.items()}


def digest_url(url: str) -> str:
    """A short name of *url* for event ids: 12 hexadecimal digits."""
    return hashlib.sha256(url.encode(errors="surrogatepass")).hexdigest()[:12]
