"""What a newsroom has beside its articles: stories, rejected records, parked fetches, acts."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from shared.events.stories.story_changes import attach_story_event
from shared.store import (
    Act,
    Cause,
    Link,
    Listing,
    ListingQuery,
    ParkedFetch,
    Position,
    RejectedRecord,
    Store,
    Story,
    StoryMove,
    initial_story_id,
)
from tests.bench.listings.feed import BATCH, EPOCH, fill

STORY_SIZES = (2, 3, 2, 5, 2, 12, 3)  # three of ten articles are in a story, as in real news
LARGE_BATCH = 2000  # articles: how they came in is not what is measured
IN_STORIES = 0.3
REJECTED = 0.01  # of the articles: with more, consumers stop
PARKED = 0.02
ACTS = 0.05


async def fill_newsroom(store: Store, articles: int) -> None:
    """Save so many decided articles and what belongs to them. A minute or two for 100,000."""
    await fill(store, articles, LARGE_BATCH)
    await _fill_stories(store, round(IN_STORIES * articles))
    rejected = [_build_rejected(number) for number in range(round(REJECTED * articles))]
    await store.rejected.save(rejected)
    await store.parked.park([_build_parked(number) for number in range(round(PARKED * articles))])
    for number in range(round(ACTS * articles)):
        await store.history.record_act(_build_act(number))


async def _fill_stories(store: Store, articles: int) -> None:
    position: Position | None = None
    remaining = articles
    while remaining > 0:
        page = await store.listings.find(ListingQuery(), position, min(BATCH, remaining))
        if not page:
            return
        position, remaining = page[-1].position, remaining - len(page)
        await _save_stories(store, list(_group(page)))


def _group(page: Sequence[Listing]) -> Iterator[Sequence[Listing]]:
    start, number = 0, 0
    while len(page) - start > 1:
        size = STORY_SIZES[number % len(STORY_SIZES)]
        yield page[start : start + size]
        start, number = start + size, number + 1


async def _save_stories(store: Store, groups: Sequence[Sequence[Listing]]) -> None:
    moves: list[StoryMove] = []
    stories: list[Story] = []
    links: list[Link] = []
    for group in groups:
        ids = sorted(listing.article_id for listing in group)
        story_id = initial_story_id(ids[0])
        moves += [StoryMove(article_id, "", story_id) for article_id in ids]
        links += [Link(ids[0], other, 0.9) for other in ids[1:]]
        story = Story(story_id, 1, tuple(ids), EPOCH, lead=ids[0], title=group[0].title)
        stories.append(attach_story_event(None, story))
    await store.stories.move(moves)
    await store.stories.save(stories)
    await store.stories.mark_announced({story.id: 1 for story in stories})
    await store.links.save(links)


def _build_rejected(number: int) -> RejectedRecord:
    seed = f"---\ntitle: Rejected {number}\nquality: many\n---\n" + "x" * 1_500
    return RejectedRecord(
        id=f"bench/seeds/0/{number}",
        service="ingest",
        topic="seeds",
        partition=0,
        offset=number,
        key=b"key",
        value=seed.encode(),
        headers=(("path", f"seeds/{number}.md".encode()),),
        causes=(Cause("quality", 3, f"Expected an integer, found 'many {number % 7}'."),),
        rejected_at=EPOCH + timedelta(seconds=number),
    )


def _build_parked(number: int) -> ParkedFetch:
    url = f"https://pictures{number % 9}.example/{number}.jpg"
    due = EPOCH + timedelta(seconds=number)
    return ParkedFetch(f"a{number:025x}", url, due, 3, "the host does not answer")


def _build_act(number: int) -> Act:
    at = EPOCH + timedelta(minutes=number)
    subjects = (f"bench/seeds/0/{number % 1000}",)
    return Act(f"act{number}", "redrive", "ann", at, "mended", subjects, outcome="1 sent")
