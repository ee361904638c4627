"""`GET /stories/{id}`: a story, and those of its articles that are published."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.web.http.conditional import respond
from services.web.http.parameters import Parameters, read_parameters
from services.web.http.problems import build_problem
from services.web.news.news_server import JSON
from shared.store import Listing, Store, Story
from shared.views.publishable import encode_json


class StoryServer:
    """The endpoint. Every answer reads the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def show_story(self, request: Request) -> Response:
        """A story that ended is at the address of the one that most of its articles went to."""
        read_parameters(Parameters, request.query_params)
        story_id = request.path_params["id"]
        story = (await self._store.stories.get([story_id])).get(story_id)
        if story and story.superseded_by:
            return Response(
                status_code=308, headers={"Location": f"/stories/{story.superseded_by}"}
            )
        members = (await self._store.stories.get_members([story_id]))[story_id]
        listings = await self._store.listings.get(members)
        published = [listing for listing in listings.values() if listing.is_published]
        if not published:
            return build_problem(404, f"no story with the id {story_id!r} has published articles")
        content = _build_story(story_id, story, members, published)
        return respond(request, encode_json(content), JSON)


def _build_story(
    story_id: str, story: Story | None, members: frozenset[str], published: list[Listing]
) -> dict[str, Any]:
    """An article that stands alone has a story id, but no story document."""
    published.sort(key=lambda listing: listing.position, reverse=True)
    lead = published[0]
    version, title, lead_id = 1, lead.title, lead.article_id
    if story is not None:
        version = story.version
        title, lead_id = story.title or title, story.lead or lead_id
    return {
        "id": story_id,
        "version": version,
        "title": title,
        "lead": lead_id,
        "heat": lead.heat,
        "memberCount": len(members),
        "members": sorted(members),
        "articles": [_build_brief(listing) for listing in published],
    }


def _build_brief(listing: Listing) -> dict[str, Any]:
    return {
        "id": listing.article_id,
        "slug": listing.slug,
        "title": listing.title,
        "publishedDateTime": listing.published_at.isoformat().replace("+00:00", "Z"),
        "provider": listing.provider,
        "topics": list(listing.topics),
        "heat": listing.heat,
    }
