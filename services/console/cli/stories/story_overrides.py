"""The commands that override linking: `seedwire story pin`, `block`, `merge`, `split` and `undo`.

An override is saved and its articles are marked; linking applies it when it takes the marks. So
these commands work while nothing runs.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from services.console.actions.acts import ActCause
from services.console.actions.stories import overrides
from services.console.actions.timestamps import format_timestamp
from services.console.cli.author import resolve_author
from services.console.cli.output import AsJson, print_json, print_line
from services.console.cli.reference import ArticleReference, StoryReference
from services.console.cli.session import run_with_store
from services.console.counts import format_count
from shared.events.stories.story_reasons import format_override
from shared.store import Override, OverrideKind, Store

By = Annotated[str, typer.Option("--by", help="Whose override it is. Default: your login name.")]
Reason = Annotated[
    str, typer.Option("--reason", help="Why. Kept, and shown by `seedwire why` and `story show`.")
]


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
    _override_pair("pin", first, second, ActCause(resolve_author(by), reason), as_json)


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
    _override_pair("block", first, second, ActCause(resolve_author(by), reason), as_json)


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


def undo(
    first: StoryReference,
    second: StoryReference,
    by: By = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Remove every override between two articles or stories, of whichever kind.

    Examples:

      seedwire story undo https://paper.example/bridge https://tide.example/fall
    """
    cause = ActCause(resolve_author(by), reason)
    removed = run_with_store(lambda store: overrides.remove_overrides(store, first, second, cause))
    for override in removed:
        if as_json:
            print_json(overrides.describe_override(override))
        else:
            print_line(f"removed: {format_override(override)}, of {format_timestamp(override.at)}")


def _override_pair(
    kind: OverrideKind, first: str, second: str, cause: ActCause, as_json: bool
) -> None:
    _override(lambda store: overrides.override_pair(store, kind, first, second, cause), as_json)


def _override(save: Callable[[Store], Awaitable[Override]], as_json: bool) -> None:
    override = run_with_store(save)
    if as_json:
        print_json(overrides.describe_override(override))
        return
    count = format_count(len(override.article_ids), "article")
    saved = f"saved: {format_override(override)}, on {count}"
    print_line(f"{saved}; `seedwire wait` returns when it is applied")
    print_line(
        f"  to remove it: seedwire story undo {override.first_ids[0]} {override.second_ids[0]}"
    )
