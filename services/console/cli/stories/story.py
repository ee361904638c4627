"""`seedwire story`: lists and shows stories; `story_overrides` has what changes them."""

from typing import Annotated, Final

import typer

from services.console.actions.stories import known_stories
from services.console.actions.stories.known_stories import StoryDetails, TitledStory
from services.console.actions.timestamps import format_timestamp
from services.console.cli.command_group import CommandGroup
from services.console.cli.output import AsJson, print_json, print_line, print_rows, print_table
from services.console.cli.reference import StoryReference
from services.console.cli.session import run_with_store
from services.console.cli.stories.story_overrides import block, merge, pin, split, undo
from services.console.counts import format_count
from shared.events.stories.story_changes import current_lead
from shared.events.stories.story_reasons import format_override
from shared.store import Override

LIST_WIDTHS: Final = (22, 9, 22, 60, 0)


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


def _print_stories(listed: list[TitledStory]) -> None:
    rows = []
    for titled in listed:
        story = titled.story
        last_change = known_stories.explain_last_change(story)
        rows.append((story.id, len(story.members), story.superseded_by, titled.title, last_change))
    print_rows(("id", "articles#", "superseded by", "lead", "last change"), LIST_WIDTHS, rows)
    number = sum(len(titled.story.members) > 1 for titled in listed)
    print_line(format_count(number, "story", "stories"))


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


GROUP: Final = CommandGroup(
    "List and show stories; pin, block, merge and split them.",
    {
        "list": list_stories,
        "show": show,
        "pin": pin,
        "block": block,
        "merge": merge,
        "split": split,
        "undo": undo,
    },
)
