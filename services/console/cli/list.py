"""`seedwire list`: articles as a table, or as JSON."""

from typing import Annotated, Any

import typer

from services.console.actions import articles
from services.console.actions.readable_articles import UnreadableArticle
from services.console.cli.output import AsJson, print_json, print_line, print_table
from services.console.cli.session import run_with_store
from shared.store import Store


def list_articles(
    published: Annotated[
        bool | None,
        typer.Option("--published/--unpublished", help="Only articles that are published, or not."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """List articles, hottest first.

    With --json, prints one object a line, in the order of article ids. Works while nothing runs. An
    article that cannot be read is listed with the reason, and the exit code is 1.

    Examples:

      seedwire list --published

      seedwire list --json | jq -r 'select(.lead == .id) | .title'
    """
    if as_json:
        return run_with_store(lambda store: _print_as_json(store, published))
    listed, unreadable = run_with_store(lambda store: articles.list_articles(store, published))
    columns = ("id", "published", "heat#", "quality#", "related#", "date", "title")
    rows = [_build_row(article) for article in listed]
    rows += [_build_unreadable_row(article) for article in unreadable]
    print_table(columns, rows)
    count = sum(bool(article["published"]) for article in listed)
    summary = f"{len(rows)} articles, {count} published"
    if unreadable:
        summary += f", {len(unreadable)} of them cannot be read"
    print_line(summary)
    return int(bool(unreadable))


async def _print_as_json(store: Store, published: bool | None) -> int:
    exit_code = 0
    async for article in articles.iterate_articles(store, published):
        if isinstance(article, UnreadableArticle):
            print_json(article.as_json())
            exit_code = 1
        else:
            print_json(article)
    return exit_code


def _build_unreadable_row(article: UnreadableArticle) -> tuple[Any, ...]:
    return (article.id, "?", None, None, None, None, f"cannot be read: {article.problem}")


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
