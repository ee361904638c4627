"""What the topics `published.log` and `published.state` say of an article.

The three models with an address have the same fields in the same order, as far as they have them.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from shared.events.public.block import PublicBlock

ArticleKind: TypeAlias = Literal["article", "video"] | str
ArticleReason: TypeAlias = Literal["stands-alone", "leads", "outranked", "below-threshold"] | str

Extra: TypeAlias = Annotated[
    dict[str, Any] | None,
    Field(
        description="Fields of the seed that Seedwire does not know, by their names. "
        "Fields whose value is null are left out, at any depth."
    ),
]
Url: TypeAlias = Annotated[
    str,
    Field(
        description="Where people read it, as the seed gives it: the first of webUrl, "
        "originalUrl, ampWebUrl and cdnAmpWebUrl that there is."
    ),
]
StoryId: TypeAlias = Annotated[
    str,
    Field(
        description="The story that the article is in: the articles about one event. "
        "An article that stands alone has a story of its own."
    ),
]


AnnouncedRevision: TypeAlias = Annotated[
    int,
    Field(ge=1, description="Counts the states that consumers see: grows by one with every event."),
]


class PublicImage(PublicBlock):
    """A picture. What is measured has other names than what the seed claims."""

    url: str = Field(description="Where the picture is, as the seed or the article's page says.")
    is_cached: bool = Field(description="Whether Seedwire has fetched, verified and measured it.")
    width: int | None = Field(None, description="Measured, in pixels; only if isCached.")
    height: int | None = Field(None, description="Measured, in pixels; only if isCached.")
    claimed_width: int | None = Field(
        None, description="What the seed claims, unless it is the measured width."
    )
    claimed_height: int | None = Field(
        None, description="What the seed claims, unless it is the measured height."
    )
    media_type: str | None = Field(None, description="Measured; only if isCached.")
    sha256: str | None = Field(
        None, description="Names the bytes, and the picture at /images/; only if isCached."
    )
    blurhash: str | None = Field(None, description="A placeholder; only if isCached.")
    color: str | None = Field(None, description="The dominant colour, #rrggbb; only if isCached.")
    title: str | None = Field(None, description="As the seed gives it.")
    attribution: str | None = Field(None, description="As the seed gives it.")
    is_found: bool | None = Field(
        None, description="True if it was found on the article's page, else absent."
    )
    extra: Extra = None


class PublicProvider(PublicBlock):
    """Who published the article."""

    name: str | None = Field(None, description="As the seed gives it.")
    domain: str | None = Field(None, description="As the seed gives it.")
    images: list[PublicImage] = Field(description="Its logos.")
    extra: Extra = None


class NamedBlock(PublicBlock):
    """Whatever is about one article."""

    id: str = Field(description="The id of the article.")


class RevisedBlock(NamedBlock):
    """Which state of the article it is, and in which story. The id is the key of the events."""

    revision: int = Field(
        ge=0, description="Counts the states that consumers see: grows by one with every event."
    )
    story_id: StoryId


class AddressedBlock(NamedBlock):
    """What is said of an article wherever it appears: its title and its addresses."""

    type: ArticleKind = Field(description="What it is.")
    title: str = Field(description="Its title.")
    published_date_time: datetime = Field(description="When its publisher published it, in UTC.")
    url: Url
    original_url: str | None = Field(None, description="As the seed gives it.")
    web_url: str | None = Field(None, description="As the seed gives it; videos have none.")
    amp_web_url: str | None = Field(None, description="As the seed or the article's page gives it.")
    cdn_amp_web_url: str | None = Field(
        None, description="As the seed gives it, or computed from ampWebUrl."
    )


class RelatedArticle(AddressedBlock):
    """A related article in brief. It need not be published itself.

    A long title or excerpt is cut and ends with `…`; of a large entry, parts are left out.
    """

    excerpt: str | None = Field(None, description="As its seed gives it, 600 characters at most.")
    quality: int | None = Field(None, description="As its seed gives it.")
    score: float = Field(description="How certain the relation is, from 0 to 1.")
    pinned: bool | None = Field(None, description="True if an editor fixed the relation.")
    provider: PublicProvider | None = Field(None, description="Who published it.")
    images: list[PublicImage] = Field(description="Its pictures.")


class ArticleView(AddressedBlock, RevisedBlock):
    """What people see of an article, decided or not."""

    category: str | None = Field(None, description="As the seed gives it.")
    excerpt: str | None = Field(None, description="As the seed gives it.")
    quality: int | None = Field(None, description="The article's own score, as the seed gives it.")
    heat: int | None = Field(None, description="Its score in the news of the day; -1: outranked.")
    published: bool = Field(description="Whether consumers are to show it.")
    lead: str | None = Field(None, description="The id of the article that leads the group.")
    reason_code: ArticleReason | None = Field(None, description="Why, for programs.")
    reason: str | None = Field(None, description="Why, in a sentence.")
    provider: PublicProvider | None = Field(None, description="Who published the article.")
    topics: list[str] = Field(description="As the seed gives them.")
    images: list[PublicImage] = Field(description="Its pictures; the first is the main one.")
    related: list[RelatedArticle] = Field(description="Related articles, the best first.")
    featured_content: Any = Field(None, description="As the seed gives it: any JSON but null.")
    body: str | None = Field(None, description="The text below the seed's front matter.")
    filled_in: list[str] = Field(
        description="Fields that the seed does not give: found on the article's page, or computed."
    )
    extra: Extra = None


class PublishedArticle(ArticleView):
    """The data of `article.published` and `article.updated`: all that consumers see."""

    revision: AnnouncedRevision
    heat: int = Field(description="Its score in the news of the day.")
    published: Literal[True] = Field(description="Consumers are to show it.")
    lead: str = Field(description="Its own id: what is published leads its group.")
    reason_code: ArticleReason = Field(description="Why it is published, for programs.")
    reason: str = Field(description="Why it is published, in a sentence.")


class RetractedArticle(AddressedBlock, RevisedBlock):
    """The data of `article.retracted`: the article as it was last shown, and why no longer."""

    revision: AnnouncedRevision
    successor: str | None = Field(
        None, description="The id of the article that leads the group instead, if another does."
    )
    reason_code: ArticleReason = Field(description="Why it is no longer shown, for programs.")
    reason: str = Field(description="Why it is no longer shown, in a sentence.")
