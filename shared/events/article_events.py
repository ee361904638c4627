"""Internal events about articles.

They carry ids alone: the reader looks the article up in the store, and so sees its newest state.
"""

from collections.abc import Sequence
from datetime import datetime

from shared.broker.records import FOLLOW_UP, Acknowledgement, Event, Record
from shared.events.acknowledgements import ArticleAnnounced
from shared.events.cloud_event import build_cloud_event, read_field
from shared.events.topics import ENRICHED, INGESTED
from shared.store.ports.article.articles import StoredArticle
from shared.trace_context import TraceContext


def build_article_ingested(article: StoredArticle, woken_at: datetime | None = None) -> Event:
    """The article has a new version. Its acknowledgement completes the announcement.

    A sweep that announces the same version again says when (*woken_at*): that is another event.
    """
    return build_cloud_event(
        INGESTED,
        key=article.id,
        event_id=f"{article.id}.v{article.version}{name_wake_up(woken_at)}",
        kind="article.ingested",
        data={"articleId": article.id, "version": article.version},
        time=article.changed_at,
        trace=article.trace,
        on_ack=ArticleAnnounced(article.id, article.version),
    )


def build_article_enriched(
    article_id: str,
    stage: str,
    cause: str,
    time: datetime | None = None,
    trace: TraceContext | None = None,
    on_ack: Acknowledgement | None = None,
) -> Event:
    """What the article shows may have changed, because *stage* worked on *cause*.

    *cause* is `<article id>.v<version>`, or names a piece of parked work. *time* and *trace* are
    those of the cause, as they are stored, so that a repeat has the same bytes.
    """
    return build_cloud_event(
        ENRICHED,
        key=article_id,
        event_id=f"{article_id}.{stage}.{cause}",
        kind="article.enriched",
        data={"articleId": article_id, "stage": stage, "cause": cause},
        time=time,
        trace=trace,
        phase=FOLLOW_UP,
        on_ack=on_ack,
    )


def name_wake_up(at: datetime | None) -> str:
    """The end of the id of an event with which a sweep wakes somebody at this time.

    Each wake-up is an event of its own. So no event is sent again and again while work waits.
    """
    return "" if at is None else f".at{at:%Y%m%dT%H%M%S.%f}"


def read_article_ids(records: Sequence[Record]) -> list[str]:
    """The distinct articles that `articles.*` records are about, in order.

    Raises UnprocessableRecord for any other record.
    """
    return list(dict.fromkeys(read_field(record, "articleId") for record in records))
