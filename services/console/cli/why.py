"""`seedwire why`: the reason for a decision on an article, or for a relation of two."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.console.actions.articles import (
    DecidedArticle,
    describe_decision,
    load_decided_article,
)
from services.console.actions.timestamps import format_timestamp
from services.console.cli.output import AsJson, format_value, print_json, print_line, print_table
from services.console.cli.reference import ArticleReference
from services.console.cli.session import run_with_store
from shared.events.story_changes import format_override

if TYPE_CHECKING:
    from services.console.actions.explain_pair import ExplainedPair


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
    articles: why they are related or not, the parts of the score, the threshold, and the editors'
    overrides on the pair.

    Examples:

      seedwire why https://paper.example/bridge

      seedwire why https://paper.example/bridge https://tide.example/collapse
    """
    if other:
        _explain_pair(reference, other, as_json)
        return
    article = run_with_store(lambda store: load_decided_article(store, reference))
    if as_json:
        print_json(article.as_json())
    else:
        _print_decision(article)


def _print_decision(article: DecidedArticle) -> None:
    print_line(f"{article.view['title']}\n{article.view['id']}")
    decision = article.decision
    if decision is None:
        print_line("not decided yet: an enrichment stage is still pending (`seedwire status`)")
        return
    state = "published" if decision.published else "not published"
    print_line(f"{state}, heat {decision.heat}: {decision.reason}")
    for name, value in describe_decision(decision).items():
        print_line(f"  {name:<10} {format_value(value)}")


def _explain_pair(first: str, second: str, as_json: bool) -> None:
    # Imported here, because it loads linking, which takes long and which no other command needs.
    from services.console.actions.explain_pair import explain_pair

    pair = run_with_store(lambda store: explain_pair(store, first, second))
    if as_json:
        print_json(pair.as_json())
    else:
        _print_pair(pair)


def _print_pair(pair: "ExplainedPair") -> None:
    """The reason first, then the figures behind it."""
    explanation = pair.explanation
    for member in pair.members:
        article = member.as_json()
        print_line(article["title"])
        story = article["story"] or "-"
        print_line(f"  {article['id']}, story {story}, {article['publishedDateTime']}")
    print_line(f"{pair.reason}\n")
    _print_parts(pair)
    print_line(f"\ncosine of the words: {explanation.cosine:.3f}")
    decay = f"{explanation.time_decay:.3f}"
    print_line(f"days apart: {explanation.days_apart:.1f}, which leaves {decay} of a score")
    print_line(f"found by: {', '.join(explanation.found_by) or 'no shared term'}\n")
    _print_words(pair)
    for override in pair.overrides:
        print_line(f"{format_timestamp(override.at)}  {format_override(override)}")


def _print_parts(pair: "ExplainedPair") -> None:
    explanation = pair.explanation
    parts = explanation.parts
    rows = [
        ("shared words", parts.words),
        ("meaning of all words together", parts.directions),
        ("similar words", parts.word_alignment),
        ("for words without a known meaning", parts.without_directions),
    ]
    if parts.embedding:
        rows.append(("sentence model, asked in case of doubt", parts.embedding))
    rows += [
        ("shared neighbours", parts.shared_neighbours),
        ("score", explanation.score),
        ("needed", explanation.threshold),
    ]
    print_table(("part", "#"), [(name, f"{value:.3f}") for name, value in rows])


def _print_words(pair: "ExplainedPair") -> None:
    shared_terms = [
        (
            term.term,
            f"{term.weight:.2f}",
            f"{term.weight_in_a:.3f}",
            f"{term.weight_in_b:.3f}",
            f"{term.share:.0%}",
        )
        for term in pair.explanation.shared_terms
    ]
    columns = ("shared term", "weight#", "in the first#", "in the second#", "of the cosine#")
    print_table(columns, shared_terms)
    rows = [
        (word.term, f"{word.weight:.2f}", word.nearest, f"{word.similarity:.2f}")
        for word in pair.explanation.similar_words
    ]
    headings = ("\nterm", "\nweight#", "\nnearest in the second", "\nsimilarity#")
    print_table(headings, rows)
