"""`seedwire story`: stories as the store knows them, and the newsroom's word on who belongs to which.

A word is kept in the store and the articles it names are marked; whichever worker takes the marks obeys it. So it
works while nothing runs, too.
"""

import getpass
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import typer

from services.console.actions import overrides
from services.console.actions.overrides import NoStory
from services.console.cli.articles import find, time_text
from services.console.cli.output import AsJson, emit, say, table
from services.console.cli.session import with_store
from shared.article_view import rank
from shared.events.story_notices import lead, said
from shared.settings import Settings, read
from shared.store import Instruction, Store, StoredArticle, Story

app = typer.Typer(
    help="List and show stories; pin, block, merge and split them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Article = Annotated[
    str, typer.Argument(metavar="ID|URL", help="An article: its id, or any of its addresses.")
]
Either = Annotated[
    str, typer.Argument(metavar="STORY|ID|URL", help="A story, or an article that stands in it.")
]
By = Annotated[str, typer.Option("--by", help="Who says so; the login name if not given.")]
Reason = Annotated[str, typer.Option("--reason", help="Why: kept, and shown by `seedwire why`.")]


@app.command("list")
def list_stories(
    everything: Annotated[
        bool, typer.Option("--all", help="Those that ended or came apart too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List stories of two articles or more.

    Examples:

      seedwire story list

      seedwire story list --all --json | jq -r 'select(.supersededBy) | "\\(.id) became \\(.supersededBy)"'
    """
    found = with_store(read(Settings), lambda store: _all(store, everything))
    if as_json:
        for story, _ in found:
            emit(_object(story))
        return
    rows = [
        (story.id, len(story.members), title, story.superseded_by, _reason(story))
        for story, title in found
    ]
    table(("id", "articles#", "lead", "superseded by", "last change"), rows)
    say(f"{sum(len(story.members) > 1 for story, _ in found)} stories")


@app.command("show")
def show(reference: Either, as_json: AsJson = False) -> None:
    """Show one story: its articles, who leads it, and the newsroom's word on them.

    Examples:

      seedwire story show https://paper.example/bridge
    """
    story, articles, spoken = with_store(read(Settings), lambda store: _story(store, reference))
    if as_json:
        emit(
            _object(story)
            | {
                "articles": [_entry(one) for one in articles],
                "instructions": [given(one) for one in spoken],
            }
        )
        return
    say(f"story {story.id}, version {story.version}: {_reason(story)}")
    if story.superseded_by:
        say(f"  superseded by {story.superseded_by}")
    table(
        ("", "id", "quality#", "date", "title"),
        [("lead" if one.id == lead(story) else "", *_entry(one).values()) for one in articles],
    )
    for one in spoken:
        say(
            f"  {time_text(one.at)}  {said(one)}: {', '.join(one.ones)} and {', '.join(one.others)}"
        )


@app.command("pin")
def pin(
    one: Article, two: Article, by: By = "", reason: Reason = "", as_json: AsJson = False
) -> None:
    """Two articles belong to one story, whatever their words say.

    Examples:

      seedwire story pin https://paper.example/bridge https://tide.example/collapse --reason "the same bridge"
    """
    _keep(lambda store: overrides.between(store, "pin", one, two, author(by), reason), as_json)


@app.command("block")
def block(
    one: Article, two: Article, by: By = "", reason: Reason = "", as_json: AsJson = False
) -> None:
    """Two articles are never related, and never in one story.

    Examples:

      seedwire story block a2r5kqx6tqhcl4xzr6wpo a75vr7e6t2b43sihj24cd --by ann
    """
    _keep(lambda store: overrides.between(store, "block", one, two, author(by), reason), as_json)


@app.command("merge")
def merge(
    one: Either, two: Either, by: By = "", reason: Reason = "", as_json: AsJson = False
) -> None:
    """Two stories become one, and stay so.

    Examples:

      seedwire story merge https://paper.example/bridge https://tide.example/collapse
    """
    _keep(lambda store: overrides.merge(store, one, two, author(by), reason), as_json)


@app.command("split")
def split(
    article: Article,
    other: Annotated[
        str, typer.Argument(metavar="[ID|URL]", help="An article of the story that it leaves.")
    ] = "",
    along: Annotated[
        list[str] | None, typer.Option("--with", help="Leaves too, together with the article.")
    ] = None,
    by: By = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """An article leaves its story, and stays out.

    Examples:

      seedwire story split https://paper.example/bridge

      seedwire story split https://paper.example/bridge --with https://tide.example/ferry
    """
    leaving = [article, *(along or [])]
    _keep(lambda store: overrides.split(store, leaving, other, author(by), reason), as_json)


@app.command("unpin")
def unpin(one: Either, two: Either, as_json: AsJson = False) -> None:
    """Take back the newsroom's word on two articles or stories, whichever it was.

    Examples:

      seedwire story unpin https://paper.example/bridge https://tide.example/collapse
    """
    for instruction in with_store(read(Settings), lambda store: overrides.unpin(store, one, two)):
        if as_json:
            emit(given(instruction))
        else:
            say(f"taken back: {said(instruction)}, of {time_text(instruction.at)}")


async def _story(
    store: Store, reference: str
) -> tuple[Story, list[StoredArticle], list[Instruction]]:
    story_id = reference
    if not (found := await store.stories.get([reference])):
        article_id = await find(store, reference)
        story_id = await overrides.story_of(store, article_id)
        found = await store.stories.get([story_id])
    if story_id not in found:
        raise NoStory(f"{reference} stands alone: a story has two articles or more")
    articles = (await store.articles.get(found[story_id].members)).values()
    spoken = await store.instructions.of(found[story_id].members)
    return found[story_id], sorted(articles, key=rank), spoken


async def _all(store: Store, everything: bool) -> list[tuple[Story, str]]:
    """Stories, largest first, with the title of the lead."""
    found: list[Story] = []
    after = ""
    while page := await store.stories.page(after):
        found += [story for story in page if everything or len(story.members) > 1]
        after = page[-1].id
    leads = await store.articles.get({one for story in found if (one := lead(story))})
    titled = [
        (story, leads[one].article.title if (one := lead(story)) in leads else "")
        for story in found
    ]
    return sorted(titled, key=lambda pair: (-len(pair[0].members), pair[0].id))


def author(by: str) -> str:
    """Who gives an order: as said, or the login name."""
    try:
        return by or getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "operator"


def _keep(work: Callable[[Store], Awaitable[Instruction]], as_json: bool) -> None:
    instruction = with_store(read(Settings), work)
    if as_json:
        emit(given(instruction))
        return
    say(
        f"kept: {said(instruction)}, of {len(instruction.articles)} articles; `seedwire wait` until it is done"
    )
    say(f"  take it back: seedwire story unpin {instruction.ones[0]} {instruction.others[0]}")


def given(one: Instruction) -> dict[str, Any]:
    """The word as JSON values."""
    return {
        "word": one.word,
        "ones": [*one.ones],
        "others": [*one.others],
        "by": one.by,
        "at": time_text(one.at),
        "reason": one.reason or None,
    }


def _object(story: Story) -> dict[str, Any]:
    return {
        "id": story.id,
        "version": story.version,
        "members": [*story.members],
        "lead": lead(story),
        "supersededBy": story.superseded_by or None,
        "changedAt": time_text(story.changed_at),
        "reason": _reason(story),
    }


def _entry(stored: StoredArticle) -> Mapping[str, Any]:
    article = stored.article
    at = time_text(article.published_date_time)
    return {
        "id": stored.id,
        "quality": article.quality,
        "publishedDateTime": at,
        "title": article.title,
    }


def _reason(story: Story) -> str:
    return str(json.loads(story.latest.data)["reason"]) if story.latest else ""
