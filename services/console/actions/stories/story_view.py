"""A story as its page shows it: members in time, links, what editors and services did to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.console.actions.articles.known_articles import ArticleNotFound, find_article_id
from services.console.actions.stories.known_stories import StoryNotFound
from services.console.actions.stories.lead_pictures import LeadPicture, load_lead_pictures
from shared.events.stories.story_changes import current_lead
from shared.store import (
    Act,
    HistoryEntry,
    Link,
    Listing,
    Override,
    Store,
    Story,
    initial_story_id,
)

MAX_MEMBERS: Final = 200  # that a page shows, the best first; the store has stories of thousands
MAX_ACTS: Final = 20
MAX_NAMED: Final = 5  # articles on each side of an override
MAX_NEAR: Final = 5  # stories that are offered for a merge


@dataclass(frozen=True)
class Member:
    """An article of the story, and its best link to another one of it."""

    listing: Listing
    picture: LeadPicture | None
    best_link: Link | None
    is_lead: bool


@dataclass(frozen=True)
class NearStory:
    """Another story, with an article that is linked to one of ours."""

    story_id: str
    title: str
    score: float


@dataclass(frozen=True)
class StoryView:
    """Everything that the page shows. An article that stands alone has *version* 0."""

    story_id: str
    version: int
    title: str
    heat: int | None
    members: Sequence[Member]
    member_count: int
    superseded_by: str
    history: Sequence[HistoryEntry]
    acts: Sequence[Act]
    overrides: Sequence[Override]
    near: Sequence[NearStory]
    titles: Mapping[str, str]  # of the members shown, and of articles that overrides name
    waiting: int  # articles that linking or publishing still has to look at

    @property
    def is_settled(self) -> bool:
        return not self.waiting

    @property
    def lead(self) -> Listing | None:
        return next((member.listing for member in self.members if member.is_lead), None)


async def view_story(store: Store, story_id: str) -> StoryView:
    """The story of this id. Raises StoryNotFound."""
    story = (await store.stories.get([story_id])).get(story_id)
    member_ids = await load_member_ids(store, story_id, story)
    if not member_ids and story is None:
        raise StoryNotFound(f"there is no story {story_id}")
    lead_id = find_lead(story, member_ids)
    listings = await _load_best(store, member_ids, lead_id)
    links = await store.links.get([listing.article_id for listing in listings])
    overrides = await store.overrides.find_by_articles(member_ids)
    lead = next((listing for listing in listings if listing.article_id == lead_id), None)
    version, title, superseded_by = 0, "", ""
    if story is not None:
        version, title, superseded_by = story.version, story.title, story.superseded_by
    heat = None
    if lead is not None:
        title, heat = lead.title or title, lead.heat
    return StoryView(
        story_id,
        version=version,
        title=title or story_id,
        heat=heat,
        members=await _show_members(store, listings, links, member_ids, lead_id),
        member_count=len(member_ids),
        superseded_by=superseded_by,
        history=await store.history.list_story(story_id),
        acts=await store.history.list_acts(story_id, limit=MAX_ACTS),
        overrides=overrides,
        near=await _find_near(store, links, member_ids),
        titles=await _load_titles(store, listings, overrides),
        waiting=await count_waiting_members(store, member_ids),
    )


async def _show_members(
    store: Store,
    listings: Sequence[Listing],
    links: Mapping[str, Sequence[Link]],
    member_ids: Collection[str],
    lead_id: str,
) -> list[Member]:
    """In the order of time."""
    pictures = await load_lead_pictures(store, [listing.article_id for listing in listings])
    members: list[Member] = []
    for listing in sorted(listings, key=lambda listing: listing.published_at):
        article_id = listing.article_id
        member = Member(
            listing,
            pictures.get(article_id),
            _find_best_link(article_id, links[article_id], member_ids),
            is_lead=article_id == lead_id,
        )
        members.append(member)
    return members


async def load_member_ids(store: Store, story_id: str, story: Story | None) -> frozenset[str]:
    """The articles in the story now; one that linking has not placed yet stands alone."""
    members = (await store.stories.get_members([story_id])).get(story_id, frozenset())
    if members or story is not None:
        return members
    alone = story_id[1:] if story_id.startswith("s") else ""
    if not alone or initial_story_id(alone) != story_id:
        return frozenset()
    try:
        article_id = await find_article_id(store, alone)
    except ArticleNotFound:
        return frozenset()
    # Linking may have moved it to another story.
    in_story = await store.stories.get_story_ids([article_id])
    return frozenset() if in_story.get(article_id) else frozenset({article_id})


async def count_waiting_members(store: Store, member_ids: Collection[str]) -> int:
    """How many of these articles linking or publishing still has to look at."""
    related = await store.articles.get_pending_versions("related", member_ids)
    decision = await store.articles.get_pending_versions("decision", member_ids)
    return len({*related, *decision})


def find_lead(story: Story | None, member_ids: Collection[str]) -> str:
    """The id of the article that leads; empty while nobody knows."""
    if story is not None:
        return current_lead(story) or ""
    return next(iter(member_ids)) if len(member_ids) == 1 else ""


async def _load_best(store: Store, member_ids: Collection[str], lead_id: str) -> list[Listing]:
    """The lead and the best of the other members, as many as a page shows."""
    listings = [*(await store.listings.get(member_ids)).values()]
    listings.sort(
        key=lambda each: (each.article_id != lead_id, -(each.quality or 0), each.article_id)
    )
    return listings[:MAX_MEMBERS]


async def _load_titles(
    store: Store, listings: Sequence[Listing], overrides: Sequence[Override]
) -> dict[str, str]:
    """By id: the titles of the listed articles, and of the first that each override names."""
    named: set[str] = set()
    for override in overrides:
        named.update(override.first_ids[:MAX_NAMED], override.second_ids[:MAX_NAMED])
    titles = {listing.article_id: listing.title for listing in listings}
    others = await store.listings.get(named - titles.keys())
    return titles | {article_id: listing.title for article_id, listing in others.items()}


def _find_best_link(
    article_id: str, links: Sequence[Link], member_ids: Collection[str]
) -> Link | None:
    within = [link for link in links if link.other(article_id) in member_ids]
    return max(within, key=lambda link: (link.pinned, link.event, link.score), default=None)


async def _find_near(
    store: Store, links: Mapping[str, Sequence[Link]], member_ids: Collection[str]
) -> list[NearStory]:
    """Other stories with articles that are linked to members, the best linked first."""
    scores: dict[str, float] = {}
    for article_id, article_links in links.items():
        for link in article_links:
            other = link.other(article_id)
            if other not in member_ids:
                scores[other] = max(scores.get(other, 0), link.score)
    best = sorted(scores, key=lambda other: -scores[other])[: 4 * MAX_NEAR]
    story_ids = await store.stories.get_story_ids(best)
    listings = await store.listings.get(best)
    near: dict[str, NearStory] = {}
    for article_id in best:
        story_id = story_ids.get(article_id) or initial_story_id(article_id)
        if article_id in listings and story_id not in near:
            near[story_id] = NearStory(story_id, listings[article_id].title, scores[article_id])
    return [*near.values()][:MAX_NEAR]
