"""`seedwire list`, `show` and `why`: articles as the store knows them. They work while nothing runs."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import typer

from services.console.cli.output import AsJson, emit, say, table
from services.console.cli.session import with_store
from shared.article import canonical
from shared.article_view import views
from shared.errors import SeedwireError
from shared.settings import Settings, read
from shared.store import Decision, Store

Reference = Annotated[
    str, typer.Argument(metavar="ID|URL", help="The article's id, or any of its addresses.")
]
PAGE = 200  # articles read at once


class Unknown(SeedwireError):
    """No article has that id or address. Consequence: exit code 1."""


def list_articles(
    published: Annotated[
        bool | None, typer.Option("--published/--unpublished", help="Only these.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List articles, hottest first.

    With --json one object a line, in the order of their ids.

    Examples:

      seedwire list --published

      seedwire list --json | jq -r 'select(.lead == .id) | .title'
    """
    settings = read(Settings)
    if as_json:
        with_store(settings, lambda store: _emit_all(store, published))
        return
    found = with_store(settings, lambda store: _all(store, published))
    found.sort(key=lambda article: (-(article.get("heat") or 0), article["id"]))
    rows = [
        (
            article["id"],
            "yes" if article["published"] else "no",
            article.get("heat"),
            article.get("quality"),
            len(article["related"]),
            article["publishedDateTime"],
            article["title"],
        )
        for article in found
    ]
    table(("id", "published", "heat#", "quality#", "related#", "date", "title"), rows)
    say(f"{len(found)} articles, {sum(bool(article['published']) for article in found)} published")


def show(reference: Reference, as_json: AsJson = False) -> None:
    """Show one article.

    With its pictures as measured, its relatives and decision.

    Examples:

      seedwire show a2r5kqx6tqhcl4xzr6wpo

      seedwire show https://paper.example/bridge --json
    """
    article, failures = with_store(
        read(Settings), lambda store: _view_with_failures(store, reference)
    )
    if as_json:
        emit(article)
    else:
        _show(article, failures)


def why(
    reference: Reference,
    other: Annotated[
        str, typer.Argument(metavar="[ID|URL]", help="Another article: why the two are related.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say why an article is published or not, or why two articles are related or not.

    Of one: the decision, the rules it was made by, and what they were given. Of two: the score and its parts, what it
    was held against, and the newsroom's word on them.

    Examples:

      seedwire why https://paper.example/bridge

      seedwire why https://paper.example/bridge https://tide.example/collapse
    """
    if other:
        # not above: what links articles takes its time to import, and no other command needs it
        from services.console.actions import explain_pair

        found = with_store(
            read(Settings), lambda store: explain_pair.answer(store, reference, other)
        )
        explain_pair.emit_answer(found) if as_json else explain_pair.say_answer(found)
        return
    article, decision = with_store(read(Settings), lambda store: _decision(store, reference))
    if as_json:
        emit({**article, "decision": _explained(decision) if decision else None})
        return
    say(f"{article['title']}\n{article['id']}")
    if decision is None:
        say("not decided yet: a stage of enrichment still works on it (`seedwire status`)")
        return
    say(
        f"{'published' if decision.published else 'not published'}, heat {decision.heat}: {decision.reason}"
    )
    for name, value in _explained(decision).items():
        say(
            f"  {name:<10} {value if isinstance(value, (str, int)) else json.dumps(value, ensure_ascii=False)}"
        )


async def pages(store: Store) -> AsyncIterator[dict[str, dict[str, Any]]]:
    """All articles as people see them, by id, page by page in the order of ids."""
    after = ""
    while page := await store.articles.page(after, PAGE):
        yield await views(store, [stored.id for stored in page])
        after = page[-1].id


async def find(store: Store, reference: str) -> str:
    """The id of the article that *reference* names. Raises Unknown."""
    stored = await store.articles.find(reference) or await store.articles.find(_alias(reference))
    if stored is None:
        raise Unknown(
            f"no article has the id or address {reference}; `seedwire list` shows them all"
        )
    return stored.id


def _alias(reference: str) -> str:
    try:
        return canonical(reference if "://" in reference else f"https://{reference}")
    except ValueError:
        return reference


async def _all(store: Store, published: bool | None) -> list[dict[str, Any]]:
    return [
        article
        async for page in pages(store)
        for article in page.values()
        if _is_wanted(article, published)
    ]


async def _emit_all(store: Store, published: bool | None) -> None:
    async for page in pages(store):
        for article in page.values():
            if _is_wanted(article, published):
                emit(article)


def _is_wanted(article: dict[str, Any], published: bool | None) -> bool:
    return published is None or article["published"] == published


async def _view(store: Store, reference: str) -> dict[str, Any]:
    article_id = await find(store, reference)
    return (await views(store, [article_id]))[article_id]


async def _view_with_failures(
    store: Store, reference: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """The article, and why pictures of it are not cached, by URL."""
    article = await _view(store, reference)
    pictures = await store.pictures.get([image["url"] for image in article.get("images") or []])
    return article, {
        url: picture.reason for url, picture in pictures.items() if picture.state == "failed"
    }


async def _decision(store: Store, reference: str) -> tuple[dict[str, Any], Decision | None]:
    article = await _view(store, reference)
    return article, (await store.decisions.get([article["id"]])).get(article["id"])


def _explained(decision: Decision) -> dict[str, Any]:
    return {
        "published": decision.published,
        "heat": decision.heat,
        "lead": decision.lead,
        "reason": decision.reason,
        "inputs": dict(decision.inputs),
        "rules": dict(decision.rules),
        "version": decision.version,
        "revision": decision.revision,
        "decidedAt": time_text(decision.decided_at),
    }


def time_text(at: datetime) -> str:
    """As in JSON: UTC, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _show(article: dict[str, Any], failures: dict[str, str]) -> None:
    say(f"{article['title']}\n{article['id']}, revision {article['revision']}")
    say(
        f"{'published' if article['published'] else 'not published'}: {article['reason'] or 'not decided yet'}"
    )
    hidden = {"title", "id", "revision", "published", "reason", "related", "images"}
    for name, value in article.items():
        if name not in hidden and value is not None:
            say(
                f"  {name:<18} {value if isinstance(value, (str, int)) else json.dumps(value, ensure_ascii=False)}"
            )
    for image in article.get("images") or []:
        size = (
            f"{image.get('width')} x {image.get('height')}{_claim(image)}, "
            if image.get("width")
            else ""
        )
        state = "cached" if image["isCached"] else failures.get(image["url"], "not cached yet")
        state += ", found on its page" if image.get("isFound") else ""
        say(f"  {'picture':<18} {image['url']} ({size}{state})")
    for relative in article["related"]:
        rank = f"quality {relative.get('quality')}, score {relative['score']}"
        say(f"  {'related':<18} {relative['id']}  {rank}  {relative['title']}")


def _claim(image: dict[str, Any]) -> str:
    """What the seed claims of the size, where that is not true."""
    width, height = (
        image.get(f"claimed{side}", image.get(side.lower())) for side in ("Width", "Height")
    )
    return (
        ""
        if (width, height) == (image.get("width"), image.get("height"))
        else f" and not {width} x {height}"
    )
