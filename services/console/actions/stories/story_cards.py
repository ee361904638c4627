"""Stories as a list shows them: the article that leads, how hot it is, and who else reports."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.console.actions.stories.lead_pictures import LeadPicture, load_lead_pictures
from shared.store import Listing, ListingQuery, Position, Store, Story, initial_story_id

PAGE_SIZE: Final = 24  # fills the last row of two, three or four columns
MAX_LISTED_MEMBERS: Final = 100  # of one story, whose providers are named
MAX_ROUNDS: Final = 5  # pages of articles that are read to fill one page of stories


@dataclass(frozen=True)
class StoryCard:
    """An article, and the story it is in. *providers*: the article's own first, if it has one."""

    listing: Listing
    story_id: str
    members: int
    providers: Sequence[str]
    picture: LeadPicture | None
    leads_story: bool


@dataclass(frozen=True)
class CardPage:
    """A page of cards; *after* is where the next one begins, or None: there is none."""

    cards: Sequence[StoryCard]
    after: Position | None


async def list_story_cards(
    store: Store, query: ListingQuery, after: Position | None = None, limit: int = PAGE_SIZE
) -> CardPage:
    """The cards of a list of articles.

    A list of published articles has one card a story: of articles that lead without being related,
    only the one that leads the story. Other lists have a card for each article.
    """
    chosen: list[Listing] = []
    stories = _Stories({}, {}, {})
    is_one_a_story = query.is_published is True
    is_at_end = False
    for _ in range(MAX_ROUNDS):
        listings = await store.listings.find(query, after, limit + 1)
        is_at_end = len(listings) <= limit
        stories = stories.add(await _load_stories(store, listings))
        for listing in listings[:limit]:
            if len(chosen) == limit:
                is_at_end = False
                break
            after = listing.position
            if not is_one_a_story or stories.is_led_by(listing.article_id):
                chosen.append(listing)
        if is_at_end or len(chosen) == limit:
            break
    cards = await _build_cards(store, chosen, stories)
    return CardPage(cards, None if is_at_end else after)


@dataclass(frozen=True)
class _Stories:
    """The stories around some articles: by article, with their members and their documents."""

    by_article: Mapping[str, str]
    members: Mapping[str, frozenset[str]]
    documents: Mapping[str, Story]

    def add(self, other: "_Stories") -> "_Stories":
        return _Stories(
            {**self.by_article, **other.by_article},
            {**self.members, **other.members},
            {**self.documents, **other.documents},
        )

    def name(self, article_id: str) -> str:
        return self.by_article.get(article_id) or initial_story_id(article_id)

    def is_led_by(self, article_id: str) -> bool:
        """Whether the article leads its story, as far as the story says who does."""
        story = self.documents.get(self.name(article_id))
        lead = story.lead if story and story.lead in story.members else ""
        return lead in ("", article_id)


async def _load_stories(store: Store, listings: Collection[Listing]) -> _Stories:
    by_article = await store.stories.get_story_ids([listing.article_id for listing in listings])
    story_ids = {*by_article.values()}
    if not story_ids:
        return _Stories({}, {}, {})
    members = await store.stories.get_members(story_ids)
    return _Stories(by_article, members, await store.stories.get(story_ids))


async def _build_cards(
    store: Store, listings: Sequence[Listing], stories: _Stories
) -> list[StoryCard]:
    shown: set[str] = set()
    for listing in listings:
        members = stories.members.get(stories.name(listing.article_id), frozenset())
        shown.update(sorted(members)[:MAX_LISTED_MEMBERS])
    others = await store.listings.get(shown)
    pictures = await load_lead_pictures(store, [listing.article_id for listing in listings])
    cards: list[StoryCard] = []
    for listing in listings:
        story_id = stories.name(listing.article_id)
        members = stories.members.get(story_id, frozenset({listing.article_id}))
        card = StoryCard(
            listing,
            story_id,
            members=max(len(members), 1),
            providers=_name_providers(listing, members, others),
            picture=pictures.get(listing.article_id),
            leads_story=stories.is_led_by(listing.article_id),
        )
        cards.append(card)
    return cards


def _name_providers(
    listing: Listing, members: Collection[str], others: Mapping[str, Listing]
) -> list[str]:
    named = {others[member].provider for member in members if member in others}
    own = [listing.provider] if listing.provider else []
    return [*own, *sorted(named - {listing.provider, ""})]
