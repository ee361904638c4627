"""What the topics `stories.log` and `stories.state` say of a story."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from shared.events.public.block import PublicBlock

StoryReasonCode: TypeAlias = (
    Literal[
        "one-event",
        "other-event",
        "editor",
        "first-lead",
        "better-lead",
        "lead-left",
        "lead-outranked",
        "lead-updated",
        "merged-away",
        "fell-apart",
    ]
    | str
)
ArticleIds: TypeAlias = Annotated[list[str], Field(description="Ids of articles, sorted.")]


class OmittedCounts(PublicBlock):
    """How many entries each list lacks at its end, because the event would be too large."""

    members: int | None = Field(None, description="Missing in members.")
    joined: int | None = Field(None, description="Missing in joined.")
    left: int | None = Field(None, description="Missing in left.")
    merged: int | None = Field(None, description="Missing in merged.")


Omitted: TypeAlias = Annotated[
    OmittedCounts | None, Field(description="Only where lists are cut: what they lack.")
]


class StoryBlock(PublicBlock):
    """Which version of which story it is."""

    id: str = Field(description="The id of the story, and the key of its events.")
    version: int = Field(ge=1, description="Grows by one with every event of the story.")
    title: str | None = Field(
        None, description="That of its lead, 300 characters at most; absent while it has none."
    )


class StoryChange(StoryBlock):
    """The data of every event of a story but its last: all of the story, and what changed."""

    lead: str | None = Field(None, description="The id of the article that leads it, if one does.")
    heat: int | None = Field(None, description="The heat of its lead; absent while it has none.")
    member_count: int = Field(ge=1, description="How many articles are in it.")
    members: ArticleIds
    joined: ArticleIds = Field(description="Who joined with this version.")
    left: ArticleIds = Field(description="Who left with this version.")
    merged: list[str] = Field(
        description="Ids of the stories that became part of it with this version, sorted."
    )
    previous_lead: str | None = Field(
        None, description="Only where another article led the version before: its id."
    )
    omitted: Omitted = None
    reason_code: StoryReasonCode = Field(description="Why there is this version, for programs.")
    reason: str = Field(description="Why there is this version, in a sentence.")


class StoryEnded(StoryBlock):
    """The data of `story.ended`: no article is in the story any more."""

    merged_into: str | None = Field(
        None, description="The id of the story that all its articles are in, if it is one."
    )
    left: ArticleIds = Field(description="Who was in it. Their own events say where they are.")
    omitted: Omitted = None
    reason_code: StoryReasonCode = Field(description="Why it ended, for programs.")
    reason: str = Field(description="Why it ended, in a sentence.")
