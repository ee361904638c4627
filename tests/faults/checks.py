"""What must hold once everything is drained, against the model and between topics and store. Each breach a line."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator

from services.publishing.reconciler import is_ready
from shared.article import aliases
from shared.article_view import Known, load, show
from shared.broker.topics import PUBLISHED_LOG, PUBLISHED_STATE, REJECTED
from shared.store import Decision, Parked, Store, StoredArticle
from tests.faults.ears import Heard, Outside
from tests.faults.stream import Drop, Expected, Stream


async def breaches(stream: Stream, outside: Outside, store: Store, poison: int) -> list[str]:
    """Everything that is not as it was promised. *poison*: records of bad bytes that were put into internal topics."""
    articles = [article async for article in _articles(store)]
    known = await load(store, [article.id for article in articles])
    decisions = {article_id: one.decision for article_id, one in known.items() if one.decision}
    parked = await store.parked.page(1_000_000)
    return [
        *unanswered(stream.drops, outside),
        *wrong_answers(stream.drops, outside),
        *articles_that_differ(stream.expected(), known),
        *undone(articles),
        *log_faults(outside.heard[PUBLISHED_LOG], decisions, outside.life),
        *state_faults(outside, decisions),
        *stale(known, parked),
        *[fault async for fault in _pictures(store)],
        *[fault async for fault in _rejected(stream.drops, outside, store, poison)],
    ]


async def _articles(store: Store) -> AsyncIterator[StoredArticle]:
    after = ""
    while page := await store.articles.page(after):
        for article in page:
            yield article
        after = page[-1].id


def unanswered(drops: Iterable[Drop], outside: Outside) -> list[str]:
    return [
        f"drop {drop.number} ({drop.status}) has no receipt"
        for drop in drops
        if drop.number not in outside.answers
    ]


def wrong_answers(drops: Iterable[Drop], outside: Outside) -> Iterator[str]:
    """The first record of a drop is answered as expected; one that stands twice, then, as unchanged or the same."""
    for drop in drops:
        answers = outside.answers.get(drop.number, [])
        by_place: dict[tuple[int, int, int], set[str]] = defaultdict(set)
        for place, status in answers:
            by_place[place].add(status)
        for place, statuses in by_place.items():
            if len(statuses) > 1:
                yield f"drop {drop.number} at {place} has several answers: {sorted(statuses)}"
        if by_place and outside.life == 1:
            first = by_place[min(by_place)]
            if drop.status not in first:
                yield f"drop {drop.number} (article {drop.article}) was answered {sorted(first)}, not {drop.status}"


def articles_that_differ(expected: dict[str, Expected], known: dict[str, Known]) -> Iterator[str]:
    by_url = {one.article.article.web_url or "": one for one in known.values()}
    by_id = {one.article.id: url for url, one in by_url.items()}
    yield from (f"{url} is missing" for url in expected.keys() - by_url.keys())
    yield from (f"{url} was never dropped" for url in by_url.keys() - expected.keys())
    for url in expected.keys() & by_url.keys():
        yield from _differences(expected[url], by_url[url], by_id)


def _differences(wanted: Expected, one: Known, urls: dict[str, str]) -> Iterator[str]:
    article, decision = one.article.article, one.decision
    seen = {
        "title": article.title,
        "quality": article.quality,
        "secured": article.secured,
        "heat": decision.heat if decision else None,
        "published": bool(decision and decision.published),
        "relatives": frozenset(urls.get(linked.article.id, "?") for linked in one.relatives),
    }
    for name, value in seen.items():
        if value != getattr(wanted, name):
            yield f"{wanted.url} ({one.article.id}): {name} is {value!r}, not {getattr(wanted, name)!r}"
    if not set(aliases(article)) <= set(one.article.aliases):
        yield f"{wanted.url}: its aliases were lost"


def undone(articles: Iterable[StoredArticle]) -> Iterator[str]:
    for article in articles:
        if article.pending:
            yield f"{article.id} still waits for {sorted(article.pending)}"


def log_faults(log: Iterable[Heard], decisions: dict[str, Decision], life: int) -> Iterator[str]:
    """Revisions without gaps, one id and one content each, and no more and no fewer than were saved."""
    contents: dict[tuple[str, int], set[tuple[str, str | None, bytes | None]]] = defaultdict(set)
    revisions: dict[str, set[int]] = defaultdict(set)
    for record in log:
        revision = json.loads(record.value or b"{}")["revision"]
        contents[record.key, revision].add(
            (record.headers["ce_id"], record.headers["ce_type"], record.value)
        )
        if record.life == life:
            revisions[record.key].add(revision)
    yield from _forms(contents)
    yield from _gaps(revisions, whole=life == 1)
    for key in decisions.keys() | revisions.keys():
        saved = decisions[key].revision if key in decisions else 0
        if saved != max(revisions.get(key, {0})):
            yield f"{key}: revision {saved} is saved, {max(revisions.get(key, {0}))} is announced"


def _forms(
    contents: dict[tuple[str, int], set[tuple[str, str | None, bytes | None]]],
) -> Iterator[str]:
    for (key, revision), seen in contents.items():
        ids = sorted({event_id for event_id, _, _ in seen})
        if len(seen) > 1 or ids != [f"{key}.{revision}"]:
            yield f"{key} revision {revision} has {len(seen)} forms, with the ids {ids}"


def _gaps(revisions: dict[str, set[int]], whole: bool) -> Iterator[str]:
    """A broker that began anew has the latest revision and what follows it."""
    for key, numbers in revisions.items():
        if sorted(numbers) != list(range(1 if whole else min(numbers), max(numbers) + 1)):
            yield f"{key} has revisions {sorted(numbers)}"


def state_faults(outside: Outside, decisions: dict[str, Decision]) -> Iterator[str]:
    """The last record of each key is what the store says is published: a compacted topic keeps nothing else."""
    state: dict[str, bytes | None] = {}
    for record in sorted(
        outside.heard[PUBLISHED_STATE], key=lambda r: (r.life, r.partition, r.offset)
    ):
        if record.life == outside.life:
            state[record.key] = record.value
    wanted = {key: d.latest.data for key, d in decisions.items() if d.published and d.latest}
    standing = {key: value for key, value in state.items() if value is not None}
    for key in wanted.keys() | standing.keys():
        if wanted.get(key) != standing.get(key):
            yield f"{key}: published.state ends with {_revision(standing.get(key))}, not {_revision(wanted.get(key))}"


def _revision(data: bytes | None) -> str:
    return "nothing" if data is None else f"revision {json.loads(data)['revision']}"


def stale(known: dict[str, Known], parked: Iterable[Parked]) -> Iterator[str]:
    """What consumers see is what the store would show them now, pictures that are still worked on aside."""
    moving = {piece.url for piece in parked}
    for article_id, one in known.items():
        decision = one.decision
        if (
            decision is None
            or not decision.published
            or decision.latest is None
            or not is_ready(one)
        ):
            continue
        shown = [one.article, *(linked.article for linked in one.relatives)]
        if moving & {image.url for stored in shown for image in stored.article.images}:
            continue
        said, now = json.loads(decision.latest.data), json.loads(json.dumps(show(one)))
        different = [name for name in said.keys() | now.keys() if said.get(name) != now.get(name)]
        if different:
            yield f"{article_id}: consumers see another {sorted(different)} than the store has"


async def _pictures(store: Store) -> AsyncIterator[str]:
    after = ""
    while page := await store.pictures.page(after):
        for picture in page:
            if picture.state == "cached":
                content = await store.bytes.get(picture.sha256)
                if content is None:
                    yield f"{picture.url}: its bytes are not there"
                elif (hashlib.sha256(content).hexdigest(), len(content)) != (
                    picture.sha256,
                    picture.size,
                ):
                    yield f"{picture.url}: its bytes are others"
        after = page[-1].url


async def _rejected(
    drops: Iterable[Drop], outside: Outside, store: Store, poison: int
) -> AsyncIterator[str]:
    """Every refused drop is kept with its bytes, and announced."""
    kept: Counter[bytes] = Counter()
    after = ""
    while page := await store.rejected.page(after):
        kept.update(record.value or b"" for record in page)
        after = page[-1].id
    wanted = Counter(drop.value or b"" for drop in drops if drop.status == "rejected")
    for value, number in wanted.items():
        if kept[value] < number:
            yield f"{number - kept[value]} refused drops of {value[:20]!r} are not kept"
    if outside.life == 1:
        said = Counter(record.value or b"" for record in outside.heard[REJECTED])
        for value, number in wanted.items():
            if said[value] < number:
                yield f"{number - said[value]} refused drops of {value[:20]!r} are not announced"
    if kept[POISON] < poison:
        yield f"{poison - kept[POISON]} poisoned records are not kept"


POISON = b"\xff\x00 poison"
