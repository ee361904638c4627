"""Stories that are offered for a merge with another: some of their articles are linked to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.store import Link, Store, initial_story_id

MAX_NEAR: Final = 5
MAX_LINKED: Final = 4 * MAX_NEAR  # articles looked at: several of them may be in one story


@dataclass(frozen=True)
class NearStory:
    """Another story, with an article that is linked to one of ours."""

    story_id: str
    title: str
    score: float


async def find_near_stories(
    store: Store, links: Mapping[str, Sequence[Link]], member_ids: Collection[str]
) -> list[NearStory]:
    """Other stories with articles that are linked to members, the best linked first.

    *links* are those of the members, by their ids.
    """
    scores: dict[str, float] = {}
    for article_id, article_links in links.items():
        for link in article_links:
            other = link.other(article_id)
            if other not in member_ids:
                scores[other] = max(scores.get(other, 0), link.score)
    best = sorted(scores, key=lambda other: -scores[other])[:MAX_LINKED]
    story_ids = await store.stories.get_story_ids(best)
    listings = await store.listings.get(best)
    near: dict[str, NearStory] = {}
    for article_id in best:
        story_id = story_ids.get(article_id) or initial_story_id(article_id)
        if article_id in listings and story_id not in near:
            near[story_id] = NearStory(story_id, listings[article_id].title, scores[article_id])
    return [*near.values()][:MAX_NEAR]
