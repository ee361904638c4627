"""Why two articles are related or not, from the store alone, even if linking never scored them.

Importing this takes a while, because it loads linking: import it only when it is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.console.actions.articles import find_article_id
from services.console.actions.overrides import describe_override
from services.console.actions.timestamps import format_timestamp
from services.enrichment.related.features.signature import build_signature
from services.enrichment.related.features.word_vectors import load_stem_table
from services.enrichment.related.linking.explanation import (
    ArticlePair,
    Explanation,
    SharedTerm,
    SimilarWord,
    explain,
)
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stories.overrides import (
    load_overrides,
    resolve_overrides,
    sort_latest_first,
)
from shared.errors import SettingsError
from shared.events.story_changes import format_override
from shared.runtime.ruleset import adopt_ruleset
from shared.settings import load_settings
from shared.store import Link, Override, Store, StoredArticle, ordered_pair


@dataclass(frozen=True)
class PairMember:
    """One of the two articles, and the id of the story that it is in (empty: in none)."""

    article: StoredArticle
    story_id: str

    def as_json(self) -> dict[str, Any]:
        article = self.article.article
        return {
            "id": self.article.id,
            "title": article.title,
            "publishedDateTime": format_timestamp(article.published_date_time),
            "story": self.story_id or None,
        }


@dataclass(frozen=True)
class ExplainedPair:
    """Two articles, the score of the pair, the link in the store, and the overrides on the pair."""

    members: tuple[PairMember, PairMember]
    explanation: Explanation
    link: Link | None
    overrides: Sequence[Override]

    @property
    def reason(self) -> str:
        """Why the two are related or not. Says so where the link in the store disagrees."""
        explanation, link = self.explanation, self.link
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
        terms = [_describe_term(term) for term in explanation.shared_terms]
        similar_words = [_describe_similar_word(word) for word in explanation.similar_words]
        overrides = [describe_override(override) for override in self.overrides]
        return {
            "related": self.link is not None,
            "reason": self.reason,
            "score": explanation.score,
            "threshold": explanation.threshold,
            "link": _describe_link(self.link),
            "articles": articles,
            "parts": _describe_parts(explanation),
            "cosine": explanation.cosine,
            "daysApart": explanation.days_apart,
            "timeFactor": explanation.time_decay,
            "terms": terms,
            "alike": similar_words,
            "foundBy": list(explanation.found_by),
            "column": explanation.is_recurring_column,
            "instructions": overrides,
        }


async def explain_pair(store: Store, first: str, second: str) -> ExplainedPair:
    """Explain two articles by the rules that hold now. Raises ArticleNotFound."""
    first_id = await find_article_id(store, first)
    second_id = await find_article_id(store, second)
    if first_id == second_id:
        raise SettingsError(f"{first} and {second} are the same article: name two articles")
    ids = (first_id, second_id)
    await adopt_ruleset(store)
    rules = load_settings(RelatedSettings)
    articles = await store.articles.get(ids)
    story_ids = await store.stories.get_story_ids(ids)
    overrides = sort_latest_first(await load_overrides(ids, store))
    article_pair = await _load_pair(store, articles[first_id], articles[second_id], overrides)
    return ExplainedPair(
        members=(
            PairMember(articles[first_id], story_ids.get(first_id, "")),
            PairMember(articles[second_id], story_ids.get(second_id, "")),
        ),
        explanation=explain(
            article_pair, load_stem_table(), rules.thresholds, rules.candidate_search
        ),
        link=await _find_link(store, first_id, second_id),
        overrides=[override for override in overrides if ordered_pair(*ids) in override.pairs],
    )


async def _load_pair(
    store: Store, first: StoredArticle, second: StoredArticle, overrides: Sequence[Override]
) -> ArticlePair:
    """What linking knows of the two. A signature that is not stored yet is built here."""
    ids = (first.id, second.id)
    stored = await store.signatures.get(ids)
    return ArticlePair(
        stored.get(first.id) or build_signature(first),
        stored.get(second.id) or build_signature(second),
        neighbours=await store.neighbour_lists.get_scores(ids),
        story_size=await _count_common_story(store, first.id, second.id),
        constraints=resolve_overrides(overrides),
    )


async def _count_common_story(store: Store, first_id: str, second_id: str) -> int:
    """How many articles the story has that both are in; 0 if they are in different ones or none."""
    story_ids = await store.stories.get_story_ids([first_id, second_id])
    story_id = story_ids.get(first_id)
    if story_id is None or story_id != story_ids.get(second_id):
        return 0
    members = await store.stories.get_members([story_id])
    return len(members[story_id])


async def _find_link(store: Store, first_id: str, second_id: str) -> Link | None:
    links = await store.links.get([first_id])
    for link in links[first_id]:
        if link.other(first_id) == second_id:
            return link
    return None


def _describe_link(link: Link | None) -> dict[str, Any] | None:
    return {"score": link.score, "pinned": link.pinned} if link else None


def _describe_parts(explanation: Explanation) -> dict[str, float]:
    parts = explanation.parts
    return {
        "words": parts.words,
        "meaning": parts.directions,
        "nearWords": parts.word_alignment,
        "blind": parts.without_directions,
        "sense": parts.embedding,
        "support": parts.shared_neighbours,
    }


def _describe_term(term: SharedTerm) -> dict[str, Any]:
    return {
        "term": term.term,
        "weight": term.weight,
        "one": term.weight_in_a,
        "two": term.weight_in_b,
        "share": term.share,
    }


def _describe_similar_word(word: SimilarWord) -> dict[str, Any]:
    return {
        "one": word.term,
        "weight": word.weight,
        "two": word.nearest,
        "nearness": word.similarity,
    }
