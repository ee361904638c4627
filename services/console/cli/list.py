"""`seedwire list`: articles as a table, or as JSON."""

from typing import Annotated, Any

import typer

from services.console.actions import articles
from services.console.cli.output import AsJson, print_json, print_line, print_table
from services.console.cli.session import run_with_store
from shared.store import Store


def list_articles(
    published: Annotated[
        bool | None,
        typer.Option("--published/--unpublished", help="Only articles that are published, or not."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List articles, hottest first.

    With --json, prints one object a line, in the order of article ids. Works while nothing runs.

    Examples:

      seedwire list --published

      seedwire list --json | jq -r 'select(.lead == .id) | .title'
    """
    if as_json:
        run_with_store(lambda store: _print_as_json(store, published))
        return
    listed = run_with_store(lambda store: articles.list_articles(store, published))
    columns = ("id", "published", "heat#", "quality#", "related#", "date", "title")
    print_table(columns, [_build_row(article) for article in listed])
    count = sum(bool(article["published"]) for article in listed)
    print_line(f"{len(listed)} articles, {count} published")


async def _print_as_json(store: Store, published: bool | None) -> None:
    async for article in articles.iterate_articles(store, published):
        print_json(article)


def _build_row(article: articles.ArticleView) -> tuple[Any, ...]:
    return (
        article["id"],
        "yes" if article["published"] else "no",
        article.get("heat"),
        article.get("quality"),
        len(article["related"]),
        article["publishedDateTime"],
        article["title"],
    )
