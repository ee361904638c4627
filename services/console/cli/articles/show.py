"""`seedwire show`: one article."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from services.console.actions.articles.known_articles import ArticleDetails, load_article_details
from services.console.actions.rejected.rejected_drops import require_article
from services.console.cli.output import AsJson, format_value, print_json, print_line
from services.console.cli.reference import ArticleReference
from services.console.cli.session import run_with_store
from shared.store import Store

SHOWN_APART: Final = {"title", "id", "revision", "published", "reason", "related", "images"}


def show(reference: ArticleReference, as_json: AsJson = False) -> None:
    """Show one article.

    That is: its fields, its images as measured, its related articles and the decision on it. Works
    while nothing runs.

    Examples:

      seedwire show a2r5kqx6tqhcl4xzr6wpo

      seedwire show https://paper.example/bridge --json
    """
    details = run_with_store(lambda store: _load(store, reference))
    if as_json:
        print_json(details.view)
    else:
        _print_details(details)


async def _load(store: Store, reference: str) -> ArticleDetails:
    return await load_article_details(store, await require_article(store, reference))


def _print_details(details: ArticleDetails) -> None:
    article = details.view
    print_line(article["title"])
    print_line(f"{article['id']}, revision {article['revision']}")
    state = "published" if article["published"] else "not published"
    print_line(f"{state}: {article.get('reason', 'not decided yet')}")
    for name, value in article.items():
        if name not in SHOWN_APART and value is not None:
            print_line(f"  {name:<18} {format_value(value)}")
    for image in article.get("images") or []:
        print_line(f"  {'picture':<18} {_describe_image(image, details.image_failures)}")
    for relative in article["related"]:
        rank = f"quality {relative.get('quality')}, score {relative['score']}"
        print_line(f"  {'related':<18} {relative['id']}  {rank}  {relative['title']}")


def _describe_image(image: Mapping[str, Any], failures: Mapping[str, str]) -> str:
    notes = [*_describe_sizes(image)]
    if image["isCached"]:
        notes.append("cached")
    else:
        notes.append(failures.get(image["url"], "not cached yet"))
    if image.get("isFound"):
        notes.append("found on its page")
    return f"{image['url']} ({', '.join(notes)})"


def _describe_sizes(image: Mapping[str, Any]) -> Iterator[str]:
    """The measured size, and what the seed claims instead."""
    measured = (image.get("width"), image.get("height"))
    claimed = (image.get("claimedWidth", measured[0]), image.get("claimedHeight", measured[1]))
    if image["isCached"]:
        yield f"{measured[0]} x {measured[1]}"
    if claimed != measured:
        yield f"the seed claims {claimed[0] or '?'} x {claimed[1] or '?'}"
