"""`seedwire list`: articles as a table, or as JSON."""

from collections.abc import Sequence
from datetime import datetime
from itertools import starmap
from typing import Annotated, Any

import typer

from services.console.cli.output import AsJson, print_json, print_line, print_rows
from services.console.cli.session import run_with_store
from services.console.counts import format_count
from shared.store import ListingLine, ListingQuery, Store, build_line

COLUMNS = ("id", "published", "heat#", "quality#", "related#", "date", "title")
WIDTHS = (21, 9, 4, 7, 7, 20, 0)


Published = Annotated[
    bool | None,
    typer.Option("--published/--unpublished", help="Only articles that are published, or not."),
]
Provider = Annotated[str, typer.Option(help="Only articles of this provider: its name or domain.")]
Search = Annotated[
    str, typer.Option(help="Only articles with all these words in the title, latest first.")
]


def list_articles(
    published: Published = None,
    topic: Annotated[str, typer.Option(help="Only articles with this topic.")] = "",
    provider: Provider = "",
    language: Annotated[str, typer.Option(help="Only articles in this language, such as en.")] = "",
    search: Search = "",
    latest: Annotated[bool, typer.Option("--latest", help="The latest first.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="So many at most; 0: all.")] = 0,
    as_json: AsJson = False,
) -> int:
    """List articles, hottest first.

    With --json, prints one object a line, in the order of article ids. Works while nothing runs. An
    article that cannot be read is listed with the reason, and the exit code is 1. *related* counts
    the relatives of an article that leads.

    Examples:

      seedwire list --published

      seedwire list --search "harbour strike" --limit 10

      seedwire list --json | jq -r 'select(.lead == .id) | .title'
    """
    query = ListingQuery(
        is_published=published,
        topic=topic,
        provider=provider,
        language=language,
        search=search,
        order="time" if latest or search else "heat",
    )
    if as_json:
        return run_with_store(lambda store: _print_as_json(store, query, limit))
    lines = run_with_store(lambda store: _load_lines(store, query, limit))
    print_rows(COLUMNS, WIDTHS, starmap(_build_row, lines))
    return _print_summary(lines)


async def _load_lines(store: Store, query: ListingQuery, limit: int) -> list[ListingLine]:
    if not limit:
        return await store.listings.find_lines(query)
    return [build_line(listing) for listing in await store.listings.find(query, limit=limit)]


async def _print_as_json(store: Store, query: ListingQuery, limit: int) -> int:
    # Imported here: it loads what articles are made of, which takes longer than a short list.
    from services.console.actions.articles.known_articles import iterate_articles
    from services.console.actions.articles.readable_articles import UnreadableArticle

    exit_code = 0
    printed = 0
    async for article in iterate_articles(store, query):
        if isinstance(article, UnreadableArticle):
            print_json(article.as_json())
            exit_code = 1
        else:
            print_json(article)
        printed += 1
        if printed == limit:
            break
    return exit_code


def _print_summary(lines: Sequence[ListingLine]) -> int:
    """Returns the exit code: 1 if an article cannot be read."""
    published = sum(line.is_published for line in lines)
    summary = f"{format_count(len(lines), 'article')}, {published} published"
    unreadable = sum(bool(line.problem) for line in lines)
    if unreadable:
        summary += f", {unreadable} of them cannot be read"
    print_line(summary)
    return int(bool(unreadable))


def _build_row(  # the fields of a ListingLine: 100,000 of them are quicker by place than by name
    article_id: str,
    is_published: bool,
    heat: int | None,
    quality: int | None,
    relatives: int | None,
    published_at: datetime,
    title: str,
    problem: str,
) -> tuple[Any, ...]:
    at = published_at.isoformat().replace("+00:00", "Z")
    what = f"cannot be read: {problem}" if problem else title
    return article_id, "yes" if is_published else "no", heat, quality, relatives, at, what
