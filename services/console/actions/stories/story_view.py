"""A story as its page shows it: members in time, links, what editors and services did to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.console.actions.stories.known_stories import StoryNotFound
from services.console.actions.stories.lead_pictures import LeadPicture, load_lead_pictures
from services.console.actions.stories.near_stories import NearStory, find_near_stories
from services.console.actions.stories.story_members import (
    count_waiting_members,
    find_lead,
    load_member_ids,
)
from shared.store import Act, HistoryEntry, Link, Listing, Override, Store

MAX_MEMBERS: Final = 200  # that a page shows, the best first; the store has stories of thousands
MAX_ACTS: Final = 20
MAX_NAMED: Final = 5  # articles on each side of an override


@dataclass(frozen=True)
class Member:
    """An article of the story, and its best link to another one of it."""

    listing: Listing
    picture: LeadPicture | None
    best_link: Link | None
    is_lead: bool


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
        near=await find_near_stories(store, links, member_ids),
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
