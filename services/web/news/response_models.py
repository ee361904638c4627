"""What the JSON answers look like, for the document of the API."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from shared.events.public.articles import ArticleView


class ServedArticle(ArticleView):
    """A published article: the data of its latest event, and its slug."""

    slug: str = Field(description="Names it in /api/news/{slug}: its date and its title.")
    featured_content: Any = Field(
        None, description="As the seed gives it; HTML without scripts, handlers and frames."
    )


class NewsPage(BaseModel):
    """A page of a list."""

    page: int = Field(ge=1, description="Its number, from 1.")
    value: list[ServedArticle] = Field(description="Its articles, in the order of the list.")
    nextPage: str | None = Field(
        description="Where the next page is: a path with a query. Null on the last page."
    )


class StoryArticle(BaseModel):
    """A published article of a story, in brief."""

    id: str
    slug: str
    title: str
    publishedDateTime: datetime
    provider: str = Field(description="Its name, or else its domain; empty if unknown.")
    topics: list[str]
    heat: int | None


class ServedStory(BaseModel):
    """A story, and those of its articles that are published."""

    id: str
    version: int = Field(description="Counts the changes of the story from 1.")
    title: str = Field(description="That of its lead.")
    lead: str = Field(description="The id of the article that leads it.")
    heat: int | None = Field(description="That of its lead.")
    memberCount: int
    members: list[str] = Field(description="The ids of all its articles, published or not.")
    articles: list[StoryArticle] = Field(description="The published ones, the hottest first.")
