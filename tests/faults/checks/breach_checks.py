"""What must hold once everything is drained.

The store and the topics are compared with the model of the stream, and with each other. Every check
returns its breaches as sentences.
"""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator

from shared.events.topics import PUBLISHED_LOG, REJECTED
from shared.store import Picture, Store, StoredArticle, pages
from shared.views.article_snapshot import load_snapshots
from tests.faults.checks.article_checks import check_articles, check_views
from tests.faults.checks.published_checks import check_log, check_state
from tests.faults.system.external_client import POISON, ExternalClient
from tests.faults.system.seed_stream import SeedDrop, SeedStream


async def find_breaches(
    stream: SeedStream, client: ExternalClient, store: Store, poison_count: int
) -> list[str]:
    """Everything that is not as promised.

    *poison_count* invalid records were sent into internal topics.
    """
    articles = await _load_articles(store)
    snapshots = await load_snapshots(store, [article.id for article in articles])
    decisions = {}
    for article_id, snapshot in snapshots.items():
        if snapshot.decision:
            decisions[article_id] = snapshot.decision
    breaches = [
        *check_receipts(stream.drops, client),
        *check_articles(stream.expected_articles(), snapshots),
        *check_nothing_pending(articles),
        *check_log(client.consumed[PUBLISHED_LOG], decisions, client.generation),
        *check_state(client, decisions),
        *check_views(snapshots, await store.parked.list_earliest(limit=None)),
    ]
    breaches += [breach async for breach in check_pictures(store)]
    breaches += await check_rejected(stream.drops, client, store, poison_count)
    return breaches


def check_receipts(drops: Iterable[SeedDrop], client: ExternalClient) -> Iterator[str]:
    """Every drop is answered, and its first record as the model says.

    A drop that is in the topic twice has a record that may also be answered as unchanged.
    """
    for drop in drops:
        receipts = client.receipts.get(drop.number)
        if receipts is None:
            yield f"drop {drop.number} ({drop.status}) has no receipt"
            continue
        statuses: dict[tuple[int, int, int], set[str]] = {}
        for position, status in receipts:
            statuses.setdefault(position, set()).add(status)
        for position, different in statuses.items():
            if len(different) > 1:
                answers = sorted(different)
                yield f"drop {drop.number} at {position} has several answers: {answers}"
        first = statuses[min(statuses)]
        if client.generation == 1 and drop.status not in first:
            yield (
                f"drop {drop.number} (article {drop.article}) was answered {sorted(first)}, "
                f"not {drop.status}"
            )


def check_nothing_pending(articles: Iterable[StoredArticle]) -> Iterator[str]:
    for article in articles:
        if article.pending:
            yield f"{article.id} still waits for {sorted(article.pending)}"


async def check_pictures(store: Store) -> AsyncIterator[str]:
    """The bytes of every cached picture are stored and are what the store says."""
    async for page in pages(store.pictures.list_page):
        for picture in page:
            if picture.state == "cached":
                content = await store.picture_bytes.get(picture.sha256)
                if content is None:
                    yield f"{picture.url}: its bytes are missing"
                elif not _is_content_of(picture, content):
                    yield f"{picture.url}: its bytes are others"


def _is_content_of(picture: Picture, content: bytes) -> bool:
    sha256 = hashlib.sha256(content).hexdigest()
    return (sha256, len(content)) == (picture.sha256, picture.size)


async def check_rejected(
    drops: Iterable[SeedDrop], client: ExternalClient, store: Store, poison_count: int
) -> list[str]:
    """Every invalid drop is kept with its bytes, and announced."""
    kept = await _count_rejected_values(store)
    announced = Counter(record.value or b"" for record in client.consumed[REJECTED])
    expected = Counter(drop.value or b"" for drop in drops if drop.status == "rejected")
    breaches = []
    for value, count in expected.items():
        if kept[value] < count:
            breaches.append(f"{count - kept[value]} rejected drops of {value[:20]!r} are not kept")
        if client.generation == 1 and announced[value] < count:
            missing = count - announced[value]
            breaches.append(f"{missing} rejected drops of {value[:20]!r} are not announced")
    if kept[POISON] < poison_count:
        breaches.append(f"{poison_count - kept[POISON]} poisoned records are not kept")
    return breaches


async def _count_rejected_values(store: Store) -> Counter[bytes]:
    kept: Counter[bytes] = Counter()
    async for page in pages(store.rejected.list_page):
        kept.update(record.value or b"" for record in page)
    return kept


async def _load_articles(store: Store) -> list[StoredArticle]:
    articles: list[StoredArticle] = []
    async for page in pages(store.articles.list_page):
        articles += page
    return articles
