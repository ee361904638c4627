"""Internal events about articles.

They carry ids alone: the reader looks the article up in the store, and so sees its newest state.
"""

from collections.abc import Sequence

from shared.broker.records import FOLLOW_UP, Acknowledgement, Event, Record
from shared.events.acknowledgements import ArticleAnnounced
from shared.events.cloud_event import build_cloud_event, read_field
from shared.events.topics import ENRICHED, INGESTED
from shared.store.ports.articles import StoredArticle


def build_article_ingested(article: StoredArticle) -> Event:
    """The article has a new version. Its acknowledgement completes the announcement."""
    return build_cloud_event(
        INGESTED,
        key=article.id,
        event_id=f"{article.id}.v{article.version}",
        kind="article.ingested",
        data={"articleId": article.id, "version": article.version},
        time=article.changed_at,
        trace=article.trace,
        on_ack=ArticleAnnounced(article.id, article.version),
    )


def build_article_enriched(
    article_id: str, stage: str, cause: str, on_ack: Acknowledgement | None = None
) -> Event:
    """What the article shows may have changed, because *stage* worked on *cause*.

    *cause* is `<article id>.v<version>`, or names a piece of parked work.
    """
    return build_cloud_event(
        ENRICHED,
        key=article_id,
        event_id=f"{article_id}.{stage}.{cause}",
        kind="article.enriched",
        data={"articleId": article_id, "stage": stage, "cause": cause},
        phase=FOLLOW_UP,
        on_ack=on_ack,
    )


def read_article_ids(records: Sequence[Record]) -> list[str]:
    """The distinct articles that `articles.*` records are about, in order.

    Raises UnprocessableRecord for any other record.
    """
    return list(dict.fromkeys(read_field(record, "articleId") for record in records))
