"""`seedwire why`: the reason for a decision on an article, or for a relation of two."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.console.actions.articles.known_articles import (
    DecidedArticle,
    describe_decision,
    load_decided_article,
)
from services.console.actions.rejected.rejected_drops import require_article
from services.console.actions.timestamps import format_timestamp
from services.console.cli.output import AsJson, format_value, print_json, print_line, print_table
from services.console.cli.reference import ArticleReference
from services.console.cli.session import run_with_store
from shared.events.stories.story_reasons import format_override
from shared.store import Store

if TYPE_CHECKING:
    from services.console.actions.stories.explain_pair import ExplainedPair


def why(
    reference: ArticleReference,
    other: Annotated[
        str,
        typer.Argument(metavar="ID|URL", help="A second article: why the two are related."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Explain a decision, or the relation of two articles.

    For one article: why it is published or not, by which rules, from which inputs. For two
    articles: why they are related or not, what speaks for and against it, the chances, and the
    editors' overrides on the pair.

    Examples:

      seedwire why https://paper.example/bridge

      seedwire why https://paper.example/bridge https://tide.example/collapse
    """
    if other:
        _explain_pair(reference, other, as_json)
        return
    article = run_with_store(lambda store: _load(store, reference))
    if as_json:
        print_json(article.as_json())
    else:
        _print_decision(article)


async def _load(store: Store, reference: str) -> DecidedArticle:
    return await load_decided_article(store, await require_article(store, reference))


def _print_decision(article: DecidedArticle) -> None:
    print_line(article.view["title"])
    print_line(article.view["id"])
    decision = article.decision
    if decision is None:
        print_line("not decided yet: an enrichment stage is still pending (`seedwire status`)")
        return
    state = "published" if decision.published else "not published"
    print_line(f"{state}, heat {decision.heat}: {decision.reason}")
    for name, value in describe_decision(decision).items():
        print_line(f"  {name:<10} {format_value(value)}")


def _explain_pair(first: str, second: str, as_json: bool) -> None:
    pair = run_with_store(lambda store: _load_pair(store, first, second))
    if as_json:
        print_json(pair.as_json())
    else:
        _print_pair(pair)


async def _load_pair(store: Store, first: str, second: str) -> "ExplainedPair":
    # Imported here, because it loads linking, which takes long and which no other command needs.
    from services.console.actions.stories.explain_pair import explain_pair

    for reference in (first, second):
        await require_article(store, reference)
    return await explain_pair(store, first, second)


def _print_pair(pair: "ExplainedPair") -> None:
    """The reason first, then the figures behind it."""
    for member in pair.members:
        article = member.as_json()
        print_line(article["title"])
        story = article["story"] or "-"
        print_line(f"  {article['id']}, story {story}, {article['publishedDateTime']}")
    print_line(pair.reason)
    if not pair.given_reason:
        _print_figures(pair)
    for override in pair.overrides:
        print_line(f"{format_timestamp(override.at)}  {format_override(override)}")


def _print_figures(pair: "ExplainedPair") -> None:
    """What linking found."""
    explanation = pair.explanation
    print_line()
    _print_evidence(pair)
    print_line()
    print_line(f"chance of being related: {explanation.score:.2f}")
    print_line(f"needed: {explanation.threshold:.2f}")
    print_line(f"chance of one event: {explanation.event:.2f}")
    print_line(f"names in both: {', '.join(explanation.names.shared) or 'none'}")
    print_line(f"found by: {', '.join(explanation.found_by) or 'no shared term'}")
    print_line()
    _print_words(pair)


def _print_evidence(pair: "ExplainedPair") -> None:
    """What speaks for the pair (+) and against it (-), in log odds, the weightiest first."""
    statements = pair.explanation.evidence
    rows = [(statement.text, f"{statement.odds:+.2f}") for statement in statements]
    print_table(("evidence", "odds#"), rows)


def _print_words(pair: "ExplainedPair") -> None:
    terms = pair.explanation.shared_terms
    rows = [(term.term, f"{term.weight:.2f}", f"{term.share:.0%}") for term in terms]
    print_table(("shared term", "weight#", "of the agreement#"), rows)
