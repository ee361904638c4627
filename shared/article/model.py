"""The article as a seed describes it, validated and typed.

Names are camelCase in seeds and snake_case in code. Fields that were not given stay unset
(`model_fields_set`) and are not written out again, and so are optional fields that say nothing:
null, or text without a letter. Spaces around text are removed, but for `secured` and the body.
Unknown fields are kept as they are, in their order. Change an article with
`model_copy(update={"heat": 70})`: updated fields count as given. No `repr` shows `secured`.
"""

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from shared.article.field_types import (
    Count,
    FieldName,
    Instant,
    JsonValue,
    RawText,
    Score,
    Text,
    Title,
    WebUrl,
    WithoutEmptyItems,
    is_empty,
)

URL_FIELDS = ("original_url", "web_url", "amp_web_url", "cdn_amp_web_url")
NO_URL = "at least one of originalUrl, webUrl, ampWebUrl and cdnAmpWebUrl"
_FILLABLE = {"ampWebUrl": "amp_web_url", "cdnAmpWebUrl": "cdn_amp_web_url"}

ArticleType = Literal["article", "video"]


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

    __pydantic_extra__: dict[FieldName, JsonValue]

    @model_validator(mode="before")
    @classmethod
    def _drop_empty_fields(cls, fields: Any) -> Any:
        """Unset optional fields that say nothing, by their outside names."""
        if not isinstance(fields, dict):
            return fields
        empty = [name for name, value in fields.items() if is_empty(value)]
        if not empty:
            return fields
        unset = _optional_names(cls).intersection(empty)
        return {name: value for name, value in fields.items() if name not in unset}

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [(name, value) for name, value in super().__repr_args__() if name != "secured"]


@cache
def _optional_names(model: type[_Block]) -> frozenset[str]:
    """The outside names of the fields that may be missing; `body` is no field of a seed."""
    fields = model.model_fields.items()
    names = {info.alias or name for name, info in fields if not info.is_required()}
    return frozenset(names - {"body"})


class Image(_Block):
    """A picture by its URL. Seedwire measures `width` and `height` (pixels) and `is_cached`."""

    url: WebUrl
    width: Count | None = None
    height: Count | None = None
    is_cached: bool | None = None
    title: Text | None = None
    attribution: Text | None = None


Images = Annotated[list[Image], WithoutEmptyItems]


class Provider(_Block):
    """Who published the article."""

    name: Text | None = None
    domain: Text | None = None
    images: Images = Field(default_factory=list)


class RelatedEntry(_Block):
    """An entry of `related`: another article about the same event, in brief.

    Entries that a seed gives are hints; Seedwire derives its own.
    """

    title: Text | None = None
    excerpt: Text | None = None
    published_date_time: Instant | None = None
    original_url: WebUrl | None = None
    web_url: WebUrl | None = None
    amp_web_url: WebUrl | None = None
    cdn_amp_web_url: WebUrl | None = None
    type: ArticleType | None = None
    provider: Provider | None = None
    quality: Count | None = None
    images: Images = Field(default_factory=list)


class Article(_Block):
    """One article page on the web. The fields are declared in the order of the seed format.

    `published_date_time` is in UTC. `quality` is given; Seedwire derives `heat` (-1: outranked),
    `published` and `related`. `body` is the text below the front matter.
    """

    category: Text | None = None
    title: Title
    excerpt: Text | None = None
    published_date_time: Instant
    original_url: WebUrl | None = None
    web_url: WebUrl | None = None
    amp_web_url: WebUrl | None = None
    cdn_amp_web_url: WebUrl | None = None
    type: ArticleType = "article"
    quality: Count | None = None
    heat: Score | None = None
    published: bool | None = None
    featured_content: JsonValue = None
    provider: Provider | None = None
    topics: Annotated[list[Text], WithoutEmptyItems] = Field(default_factory=list)
    images: Images = Field(default_factory=list)
    related: Annotated[list[RelatedEntry], WithoutEmptyItems] = Field(default_factory=list)
    secured: RawText | None = Field(default=None, repr=False)
    body: RawText = ""

    @property
    def filled_in(self) -> frozenset[str]:
        """The AMP fields, by outside name, that Seedwire filled in on export.

        Empty if the article would have no URL without them.
        """
        listed = (self.model_extra or {}).get("filledIn")
        if not isinstance(listed, list):
            return frozenset()
        names = frozenset(name for name in _FILLABLE if name in listed)
        given = {name for name in URL_FIELDS if getattr(self, name) is not None}
        given -= {_FILLABLE[name] for name in names}
        return names if given else frozenset()

    @model_validator(mode="after")
    def _require_a_url(self) -> Self:
        if all(getattr(self, name) is None for name in URL_FIELDS):
            raise PydanticCustomError("no_url", "expected {what}", {"what": NO_URL})
        return self
