"""`seedwire story`: stories, and the editors' overrides on which article belongs to which.

An override is saved and its articles are marked; linking applies it when it takes the marks. So
these commands work while nothing runs.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

import typer

from services.console.actions.acts import ActCause
from services.console.actions.stories import known_stories, overrides
from services.console.actions.stories.known_stories import StoryDetails, TitledStory
from services.console.actions.timestamps import format_timestamp
from services.console.cli.author import resolve_author
from services.console.cli.command_group import CommandGroup
from services.console.cli.output import AsJson, print_json, print_line, print_table
from services.console.cli.reference import ArticleReference, StoryReference
from services.console.cli.session import run_with_store
from shared.events.story_changes import current_lead
from shared.events.story_reasons import format_override
from shared.store import Override, Store

By = Annotated[str, typer.Option("--by", help="Whose override it is. Default: your login name.")]
Reason = Annotated[
    str, typer.Option("--reason", help="Why. Kept, and shown by `seedwire why` and `story show`.")
]


def list_stories(
    with_ended: Annotated[
        bool,
        typer.Option("--all", help="Also stories that ended, or that have one article left."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List stories of two articles or more, the largest first.

    Examples:

      seedwire story list

      seedwire story list --all --json | jq -r 'select(.supersededBy) | .id'
    """
    listed = run_with_store(lambda store: known_stories.list_stories(store, with_ended))
    if as_json:
        for titled in listed:
            print_json(known_stories.describe_story(titled.story))
    else:
        _print_stories(listed)


def show(reference: StoryReference, as_json: AsJson = False) -> None:
    """Show one story: its articles, its lead, and the editors' overrides on them.

    Examples:

      seedwire story show https://paper.example/bridge
    """
    details = run_with_store(lambda store: known_stories.load_story(store, reference))
    if as_json:
        print_json(details.as_json())
    else:
        _print_details(details)


def pin(
    first: ArticleReference,
    second: ArticleReference,
    by: By = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Keep two articles in one story, whatever their scores.

    Examples:

      seedwire story pin https://paper.example/bridge https://tide.example/fall

      seedwire story pin a2r5kqx6tqhcl4xzr6wpo a75vr7e6t2b43sihj24cd --by ann
    """
    cause = ActCause(resolve_author(by), reason)
    _override(lambda store: overrides.override_pair(store, "pin", first, second, cause), as_json)


def block(
    first: ArticleReference,
    second: ArticleReference,
    by: By = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Keep two articles apart: never related, never in one story.

    Examples:

      seedwire story block a2r5kqx6tqhcl4xzr6wpo a75vr7e6t2b43sihj24cd --by ann
    """
    cause = ActCause(resolve_author(by), reason)
    _override(
        lambda store: overrides.override_pair(store, "block", first, second, cause),
        as_json,
    )


def merge(
    first: StoryReference,
    second: StoryReference,
    by: By = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Make two stories one, and keep them so.

    Examples:

      seedwire story merge https://paper.example/bridge https://tide.example/fall
    """
    cause = ActCause(resolve_author(by), reason)
    _override(lambda store: overrides.merge_stories(store, first, second, cause), as_json)


def split(
    article: ArticleReference,
    other: Annotated[
        str,
        typer.Argument(metavar="ID|URL", help="An article of the same story that stays in it."),
    ] = "",
    along: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="ID|URL", help="Another article that leaves with it."),
    ] = None,
    by: By = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Take an article out of its story, and keep it out.

    Examples:

      seedwire story split https://paper.example/bridge

      seedwire story split a2r5kqx6tqhcl4xzr6wpo --with a75vr7e6t2b43sihj24cd
    """
    leaving = [article, *(along or [])]
    cause = ActCause(resolve_author(by), reason)
    _override(lambda store: overrides.split_story(store, leaving, other, cause), as_json)


def unpin(
    first: StoryReference,
    second: StoryReference,
    by: By = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Remove every override between two articles or stories, of whichever kind.

    Examples:

      seedwire story unpin https://paper.example/bridge https://tide.example/fall
    """
    cause = ActCause(resolve_author(by), reason)
    removed = run_with_store(lambda store: overrides.remove_overrides(store, first, second, cause))
    for override in removed:
        if as_json:
            print_json(overrides.describe_override(override))
        else:
            print_line(f"removed: {format_override(override)}, of {format_timestamp(override.at)}")


def _print_stories(listed: list[TitledStory]) -> None:
    rows = []
    for titled in listed:
        story = titled.story
        last_change = known_stories.explain_last_change(story)
        rows.append((story.id, len(story.members), titled.title, story.superseded_by, last_change))
    print_table(("id", "articles#", "lead", "superseded by", "last change"), rows)
    print_line(f"{sum(len(titled.story.members) > 1 for titled in listed)} stories")


def _print_details(details: StoryDetails) -> None:
    story = details.story
    last_change = known_stories.explain_last_change(story)
    print_line(f"story {story.id}, version {story.version}: {last_change}")
    if story.superseded_by:
        print_line(f"  superseded by {story.superseded_by}")
    rows = []
    for article in details.articles:
        mark = "lead" if article.id == current_lead(story) else ""
        rows.append((mark, *known_stories.describe_member(article).values()))
    print_table(("", "id", "quality#", "date", "title"), rows)
    for override in details.overrides:
        print_line(f"  {format_timestamp(override.at)}  {_describe_override(override)}")


def _describe_override(override: Override) -> str:
    first, second = ", ".join(override.first_ids), ", ".join(override.second_ids)
    return f"{format_override(override)}: {first} and {second}"


def _override(save: Callable[[Store], Awaitable[Override]], as_json: bool) -> None:
    override = run_with_store(save)
    if as_json:
        print_json(overrides.describe_override(override))
        return
    saved = f"saved: {format_override(override)}, on {len(override.article_ids)} articles"
    print_line(f"{saved}; `seedwire wait` returns when it is applied")
    print_line(
        f"  to remove it: seedwire story unpin {override.first_ids[0]} {override.second_ids[0]}"
    )


GROUP: Final = CommandGroup(
    "List and show stories; pin, block, merge and split them.",
    {
        "list": list_stories,
        "show": show,
        "pin": pin,
        "block": block,
        "merge": merge,
        "split": split,
        "unpin": unpin,
    },
)
