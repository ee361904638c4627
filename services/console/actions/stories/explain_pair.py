"""Why two articles are related or not, from the store alone, even if linking never scored them.

Importing this takes a while, because it loads linking: import it only when it is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.console.actions.articles.known_articles import find_article_id
from services.console.actions.stories.overrides import describe_override
from services.console.actions.timestamps import format_timestamp
from services.enrichment.related.explaining.article_pair import ArticlePair
from services.enrichment.related.explaining.explanation import (
    CommonNeighbour,
    Explanation,
    SharedTerm,
    explain,
)
from services.enrichment.related.explaining.statements import Statement
from services.enrichment.related.features.signature import build_signature
from services.enrichment.related.given.explanation import explain_given_pair
from services.enrichment.related.main import load_linking_rules
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stories.overrides import (
    load_overrides,
    resolve_overrides,
    sort_latest_first,
)
from shared.errors import SettingsError
from shared.events.stories.story_reasons import format_override
from shared.runtime.ruleset import load_settings_in_force
from shared.store import Link, Override, Store, StoredArticle, ordered_pair


@dataclass(frozen=True)
class PairMember:
    """One of the two articles, and the id of the story that it is in (empty: in none)."""

    article: StoredArticle
    story_id: str

    def as_json(self) -> dict[str, Any]:
        article = self.article.article_without_related
        return {
            "id": self.article.id,
            "title": article.title,
            "publishedDateTime": format_timestamp(article.published_date_time),
            "story": self.story_id or None,
        }


@dataclass(frozen=True)
class ExplainedPair:
    """Two articles, their chances, the link in the store, and the overrides on the pair."""

    members: tuple[PairMember, PairMember]
    explanation: Explanation
    link: Link | None
    overrides: Sequence[Override]
    given_reason: str = ""  # where the seeds give the relations, whatever linking would say

    @property
    def reason(self) -> str:
        """Why the two are related or not. Says so where the link in the store disagrees."""
        explanation, link = self.explanation, self.link
        if self.given_reason:
            return self.given_reason
        if explanation.is_overridden and self.overrides:
            return f"{explanation.reason} ({format_override(self.overrides[0])})"
        if explanation.is_related == (link is not None):
            return explanation.reason
        if link:
            return (
                f"{explanation.reason}; but the store has a link with a score of {link.score:.2f}, "
                "made by other rules or from an earlier version"
            )
        return (
            f"{explanation.reason}; but the store has no link: linking has not looked at them yet, "
            "or other articles are nearer to both"
        )

    def as_json(self) -> dict[str, Any]:
        explanation = self.explanation
        articles = [member.as_json() for member in self.members]
        evidence = [_describe_statement(statement) for statement in explanation.evidence]
        terms = [_describe_term(term) for term in explanation.shared_terms]
        common = [_describe_common(neighbour) for neighbour in explanation.common_neighbours]
        overrides = [describe_override(override) for override in self.overrides]
        names = explanation.names
        return {
            "related": self.link is not None,
            "reason": self.reason,
            "score": explanation.score,
            "event": explanation.event,
            "threshold": explanation.threshold,
            "link": _describe_link(self.link),
            "articles": articles,
            "evidence": evidence,
            "names": {
                "shared": list(names.shared),
                "firstAlone": list(names.in_a_alone),
                "secondAlone": list(names.in_b_alone),
            },
            "daysApart": explanation.days_apart,
            "narrowness": explanation.narrowness,
            "common": common,
            "terms": terms,
            "foundBy": list(explanation.found_by),
            "instructions": overrides,
        }


async def explain_pair(store: Store, first: str, second: str) -> ExplainedPair:
    """Explain two articles by the rules that hold now. Raises ArticleNotFound."""
    first_id = await find_article_id(store, first)
    second_id = await find_article_id(store, second)
    if first_id == second_id:
        raise SettingsError(f"{first} and {second} are the same article: name two articles")
    ids = (first_id, second_id)
    rules = await load_settings_in_force(RelatedSettings, store)
    articles = await store.articles.get(ids)
    story_ids = await store.stories.get_story_ids(ids)
    overrides = sort_latest_first(await load_overrides(ids, store))
    article_pair = await _load_pair(store, articles[first_id], articles[second_id], overrides)
    on_pair = [override for override in overrides if ordered_pair(*ids) in override.pairs]
    given_reason = ""
    if rules.related == "given":
        latest = on_pair[0] if on_pair else None
        given_reason = explain_given_pair(articles[first_id], articles[second_id], latest)
    return ExplainedPair(
        members=(
            PairMember(articles[first_id], story_ids.get(first_id, "")),
            PairMember(articles[second_id], story_ids.get(second_id, "")),
        ),
        explanation=explain(article_pair, await load_linking_rules(rules, store)),
        link=await _find_link(store, first_id, second_id),
        overrides=on_pair,
        given_reason=given_reason,
    )


async def _load_pair(
    store: Store, first: StoredArticle, second: StoredArticle, overrides: Sequence[Override]
) -> ArticlePair:
    """What linking knows of the two. A signature that is not stored yet is built here."""
    ids = (first.id, second.id)
    stored = await store.signatures.get(ids)
    lists = await store.neighbour_lists.get_entries(ids)
    neighbour_ids = {*lists[first.id], *lists[second.id]}.difference(ids)
    neighbours = await store.signatures.get(neighbour_ids)
    return ArticlePair(
        stored.get(first.id) or build_signature(first),
        stored.get(second.id) or build_signature(second),
        lists=lists,
        neighbours=[*neighbours.values()],
        constraints=resolve_overrides(overrides),
    )


async def _find_link(store: Store, first_id: str, second_id: str) -> Link | None:
    links = await store.links.get([first_id])
    for link in links[first_id]:
        if link.other(first_id) == second_id:
            return link
    return None


def _describe_link(link: Link | None) -> dict[str, Any] | None:
    return {"score": link.score, "event": link.event, "pinned": link.pinned} if link else None


def _describe_statement(statement: Statement) -> dict[str, Any]:
    return {"kind": statement.kind, "text": statement.text, "odds": round(statement.odds, 3)}


def _describe_term(term: SharedTerm) -> dict[str, Any]:
    return {"term": term.term, "weight": term.weight, "share": term.share}


def _describe_common(neighbour: CommonNeighbour) -> dict[str, Any]:
    first, second = neighbour.chances
    return {"id": neighbour.article_id, "first": round(first, 3), "second": round(second, 3)}
