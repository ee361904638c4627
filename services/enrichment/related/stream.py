"""Links a stream of articles from a file, with the worker's own code over a temporary store.

    python -m services.enrichment.related.stream IN.jsonl OUT.jsonl [broad|balanced|precise]

Each line of IN is `{id, title, excerpt, url, provider, topics, ts}`, in the order of arrival. `ts`
is in seconds since 1970, and everything but `id` may be missing. Each line of OUT is `{id, related,
scores, story}`, after everything was recomputed; `related` has the ten best, best first, and up to
five more that are close. This is for measuring the method: see docs/linking.md.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stage import RelatedStage
from shared.article import Article, Provider, render_seed
from shared.broker.records import Record
from shared.events.acknowledgements import save_acknowledgements
from shared.events.article_events import build_article_ingested
from shared.events.topics import INGESTED
from shared.settings import load_settings
from shared.store import ArticleWrite, Link, Store, StoredArticle, connect

BATCH = 500  # articles, as a worker takes them by default
# Between two rounds of recomputing: about as many as a worker with a backlog handles in ten
# seconds.
BATCHES_PER_ROUND = 8
ALWAYS_LISTED = 10  # relatives of an article, as many as people see
MAX_LISTED = 15
CLOSE = 0.5  # the likeness from which on further relatives are listed

Line = Mapping[str, Any]
Progress = Callable[[int, int], None]


async def link_file(source: Path, target: Path, preset: str | None = None) -> None:
    """Link the stream in *source* over a temporary SQLite store.

    A *preset* replaces that of the settings.
    """
    settings = load_settings(RelatedSettings)
    if preset:
        values = settings.model_dump() | {"related_preset": preset}
        settings = RelatedSettings.model_validate(values)
    lines = [json.loads(line) for line in source.read_text().split("\n") if line.strip()]
    with tempfile.TemporaryDirectory() as folder:
        store = connect(f"sqlite:///{folder}/stream.sqlite?synchronous=normal")
        await store.open()
        try:
            results = await link_stream(lines, build_handler(settings), store, _print_progress)
        finally:
            await store.close()
    target.write_text("".join(json.dumps(result) + "\n" for result in results))


async def link_stream(
    lines: Sequence[Line], handler: RelatedStage, store: Store, progress: Progress
) -> list[Line]:
    """Link *lines* batch by batch, then recompute until nothing is dirty.

    Returns one result for each id, in order.
    """
    for start in range(0, len(lines), BATCH):
        articles = await save_articles(lines[start : start + BATCH], store)
        records = [build_record(article) for article in articles]
        await save_acknowledgements(await handler.handle(records, store), store)
        if start % (BATCH * BATCHES_PER_ROUND) == 0:
            await handler.update_statistics(store)
            await save_acknowledgements(await handler.recompute(store), store)
        progress(min(start + BATCH, len(lines)), len(lines))
    await recompute_all(handler, store)
    ids = dict.fromkeys(str(line["id"]) for line in lines)
    return await collect_results([*ids], store)


async def recompute_all(handler: RelatedStage, store: Store) -> None:
    """Recompute until nothing is dirty, by the statistics that the articles give in the end."""
    await handler.update_statistics(store)
    while await store.neighbourhoods.count_dirty():
        await save_acknowledgements(await handler.recompute(store), store)


async def collect_results(ids: Sequence[str], store: Store) -> list[Line]:
    """Read from the store what became of the articles of a stream."""
    stream_ids = {_article_id(stream_id): stream_id for stream_id in ids}
    results: list[Line] = []
    for start in range(0, len(stream_ids), BATCH):
        part = [*stream_ids][start : start + BATCH]
        links = await store.links.get(part)
        story_of = await store.stories.get_story_ids(part)
        for article_id in part:
            story_id = story_of.get(article_id, article_id)
            results.append(_describe(article_id, links[article_id], story_id, stream_ids))
    return results


def _describe(
    article_id: str, links: Sequence[Link], story_id: str, stream_ids: Mapping[str, str]
) -> Line:
    related: list[str] = []
    scores: list[float] = []
    for link in select_listed(links):
        related.append(stream_ids[link.other(article_id)])
        scores.append(link.score)
    own_id = stream_ids[article_id]
    return {"id": own_id, "related": related, "scores": scores, "story": story_id}


def select_listed(links: Sequence[Link]) -> list[Link]:
    """Select the relatives of an article that are listed, given all its links, best first.

    An article in a large story has dozens, all of them right, and a list of all is no help: beyond
    the ten best only those count that say almost the same.
    """
    further = links[ALWAYS_LISTED:MAX_LISTED]
    return [*links[:ALWAYS_LISTED], *(link for link in further if link.likeness >= CLOSE)]


async def save_articles(lines: Iterable[Line], store: Store) -> list[StoredArticle]:
    """Save the articles as ingest does.

    An id that comes again is the next version of its article.
    """
    latest = {article.id: article for article in map(parse_article, lines)}
    known = await store.articles.get(latest)
    writes: list[ArticleWrite] = []
    for article_id, article in latest.items():
        version = known[article_id].version if article_id in known else 0
        writes.append(ArticleWrite(replace(article, version=version + 1), version))
    await store.articles.save(writes)
    return [write.article for write in writes]


def parse_article(line: Line) -> StoredArticle:
    """The article of a line; fields that are missing or invalid are left out."""
    stream_id = str(line["id"])
    at = _parse_time(line.get("ts"))
    title, excerpt, provider = (
        str(line.get(field) or "").strip() for field in ("title", "excerpt", "provider")
    )
    url = f"https://stream.invalid/{quote(stream_id, safe='')}"
    article = Article(
        title=title or "-",
        excerpt=excerpt or None,
        published_date_time=at,
        web_url=url,
        provider=Provider(name=provider, domain=provider) if provider else None,
    )
    return StoredArticle(_article_id(stream_id), render_seed(article), 1, (url,), at, at)


def _parse_time(value: Any) -> datetime:
    """Seconds since 1970 as a time; an invalid value counts as 1970."""
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _article_id(stream_id: str) -> str:
    """Ids in a stream may have any characters; those in the store may not."""
    return "a" + stream_id.encode().hex()


def build_record(article: StoredArticle) -> Record:
    """The record with which ingest announces *article*."""
    event = build_article_ingested(article)
    return Record(
        "stream", INGESTED, 0, 0, article.changed_at, event.key, event.value, event.headers
    )


def _print_progress(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\r{done} of {total} articles", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    asyncio.run(link_file(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:4]))
