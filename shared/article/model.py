"""The article: what a seed says, validated and typed.

Names are camelCase outside and snake_case inside. What was not given stays unset (`model_fields_set`) and is not
written out again; unknown fields are kept in their order; a list given as `null` is an empty list. Change an article
with `model_copy(update={"heat": 70})`: updated fields count as given. `secured` is in no `repr`.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from shared.article.values import (
    Count,
    Instant,
    Name,
    NullIsEmpty,
    Plain,
    Score,
    Text,
    Title,
    WebUrl,
)

URL_FIELDS = ("original_url", "web_url", "amp_web_url", "cdn_amp_web_url")
NO_URL = "at least one of originalUrl, webUrl, ampWebUrl and cdnAmpWebUrl"

Kind = Literal["article", "video"]


class _Block(BaseModel):
    """A block of fields of the seed format: strict, frozen, open to unknown fields."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="allow",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,  # an error must not print `secured`
    )

    __pydantic_extra__: dict[Name, Plain]

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [(name, value) for name, value in super().__repr_args__() if name != "secured"]


class Image(_Block):
    """A picture by its address; `width` and `height` (pixels) and `is_cached` are measured by us."""

    url: WebUrl
    width: Count | None = None
    height: Count | None = None
    is_cached: bool | None = None
    title: Text | None = None
    attribution: Text | None = None


Images = Annotated[list[Image], NullIsEmpty]


class Provider(_Block):
    """Who published the article."""

    name: Text | None = None
    domain: Text | None = None
    images: Images = []


class Relative(_Block):
    """An entry of `related`: another article about the same event, in short. Given ones are hints."""

    title: Text | None = None
    excerpt: Text | None = None
    published_date_time: Instant | None = None
    original_url: WebUrl | None = None
    web_url: WebUrl | None = None
    amp_web_url: WebUrl | None = None
    cdn_amp_web_url: WebUrl | None = None
    type: Kind | None = None
    provider: Provider | None = None
    quality: Count | None = None
    images: Images = []


class Article(_Block):
    """One story page on the web. Declared in the order in which a seed file lists the fields.

    `published_date_time` is in UTC; `quality` is given, `heat`, `published` and `related` are derived by us (heat -1:
    outranked); `body` is the text below the front matter.
    """

    category: Text | None = None
    title: Title
    excerpt: Text | None = None
    published_date_time: Instant
    original_url: WebUrl | None = None
    web_url: WebUrl | None = None
    amp_web_url: WebUrl | None = None
    cdn_amp_web_url: WebUrl | None = None
    type: Kind = "article"
    quality: Count | None = None
    heat: Score | None = None
    published: bool | None = None
    featured_content: Plain = None
    provider: Provider | None = None
    topics: Annotated[list[Text], NullIsEmpty] = []
    images: Images = []
    related: Annotated[list[Relative], NullIsEmpty] = []
    secured: Text | None = Field(default=None, repr=False)
    body: Text = ""

    @property
    def filled_in(self) -> frozenset[str]:
        """The AMP fields, by their outside names, that the seed says were found by us and not given."""
        said = (self.model_extra or {}).get("filledIn")
        named = (
            {name for name in said if isinstance(name, str)} if isinstance(said, list) else set()
        )
        given = {name for name in URL_FIELDS if getattr(self, name) is not None}
        found = {"ampWebUrl": "amp_web_url", "cdnAmpWebUrl": "cdn_amp_web_url"}
        names = frozenset(name for name in found if name in named)
        return (
            names if given - {found[name] for name in names} else frozenset()
        )  # some address must stay

    @model_validator(mode="after")
    def _has_a_url(self) -> Self:
        if all(getattr(self, name) is None for name in URL_FIELDS):
            raise PydanticCustomError("no_url", "expected {what}", {"what": NO_URL})
        return self
