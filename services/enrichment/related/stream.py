"""Links a stream of articles from a file, with the worker's own code over a store of its own.

    python -m services.enrichment.related.stream IN.jsonl OUT.jsonl [broad|balanced|precise]

Each line of IN is `{id, title, excerpt, url, provider, topics, ts}` in the order of arrival (`ts`: seconds since 1970;
anything but `id` may be missing); each line of OUT `{id, related: [ids, best first, at most 10], scores, story}`, once
everything has settled. For judging the method: docs/linking.md.
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

from services.enrichment.related.handlers import Related
from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from shared.article import Article, Provider, render
from shared.broker.records import Record
from shared.broker.sender import settle as announced
from shared.broker.topics import INGESTED
from shared.events.catalogue import ingested
from shared.settings import read
from shared.store import Save, Store, StoredArticle, connect

BATCH = 500  # as a worker takes them by default
BATCHES = (
    8  # between two settlings: about as many as a worker with a backlog gets through in ten seconds
)
RELATED = 10

Line = Mapping[str, Any]
Progress = Callable[[int, int], None]


async def link_file(source: Path, target: Path, preset: str | None = None) -> None:
    """Link the stream in *source*, by a *preset* instead of the settings, over a SQLite store that goes afterwards."""
    settings = read(RelatedSettings)
    if preset:
        settings = RelatedSettings.model_validate(
            settings.model_dump() | {"related_preset": preset}
        )
    lines = [json.loads(line) for line in source.read_text().split("\n") if line.strip()]
    with tempfile.TemporaryDirectory() as folder:
        store = connect(f"sqlite:///{folder}/stream.sqlite?synchronous=normal")
        await store.open()
        try:
            found = await link_stream(lines, related(settings), store, _say)
        finally:
            await store.close()
    target.write_text("".join(json.dumps(line) + "\n" for line in found))


async def link_stream(
    lines: Sequence[Line], worker: Related, store: Store, progress: Progress
) -> list[Line]:
    """Link *lines* batch by batch, then settle until nothing is marked. One answer for each id, in order."""
    for start in range(0, len(lines), BATCH):
        articles = await keep(lines[start : start + BATCH], store)
        await announced(
            await worker.handle([record(article) for article in articles], store), store
        )
        if start % (BATCH * BATCHES) == 0:
            await announced(await worker.settle(store), store)
        progress(min(start + BATCH, len(lines)), len(lines))
    await settle(worker, store)
    return await answers(list(dict.fromkeys(str(line["id"]) for line in lines)), store)


async def settle(worker: Related, store: Store) -> None:
    """Do the chore until nothing is marked any more."""
    while (await store.relations.counts())["unsettled"]:
        await announced(await worker.settle(store), store)


async def answers(ids: Sequence[str], store: Store) -> list[Line]:
    """What the store says of these articles of a stream."""
    names = {_article_id(one): one for one in ids}
    links = await store.relations.links(names)
    story = await store.stories.of(names)
    return [
        {
            "id": one,
            "related": [names[link.other(key)] for link in links[key][:RELATED]],
            "scores": [link.score for link in links[key][:RELATED]],
            "story": story.get(key, key),
        }
        for key, one in names.items()
    ]


async def keep(lines: Iterable[Line], store: Store) -> list[StoredArticle]:
    """Keep the articles as ingest does; of an id that comes again, the next version."""
    latest = {article.id: article for article in map(stored, lines)}
    known = await store.articles.get(latest)
    saves = [
        Save(replace(article, version=known[key].version + 1), known[key].version)
        if key in known
        else Save(article, 0)
        for key, article in latest.items()
    ]
    await store.articles.save(saves)
    return [save.article for save in saves]


def stored(line: Line) -> StoredArticle:
    """The article of a line; what is missing or odd is left out."""
    one = str(line["id"])
    at = _time(line.get("ts"))
    title, excerpt, provider = (
        str(line.get(field) or "").strip() for field in ("title", "excerpt", "provider")
    )
    url = f"https://stream.invalid/{quote(one, safe='')}"
    article = Article(
        title=title or "-",
        excerpt=excerpt or None,
        published_date_time=at,
        web_url=url,
        provider=Provider(name=provider, domain=provider) if provider else None,
    )
    return StoredArticle(_article_id(one), render(article), 1, (url,), at, at)


def _time(value: Any) -> datetime:
    """Seconds since 1970 as a time; what is no such number is 1970."""
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _article_id(one: str) -> str:
    """Ids of a stream may hold anything; those of the store do not."""
    return "a" + one.encode().hex()


def record(article: StoredArticle) -> Record:
    event = ingested(article)
    return Record(
        "stream", INGESTED, 0, 0, article.changed_at, event.key, event.value, event.headers
    )


def _say(done: int, of: int) -> None:
    end = "\n" if done == of else ""
    print(f"\r{done} of {of} articles", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    asyncio.run(link_file(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:4]))
