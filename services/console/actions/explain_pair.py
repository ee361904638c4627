"""`seedwire why A B`: why two articles are related or not. From the store alone, also when they were never scored."""

from dataclasses import asdict, dataclass
from typing import Any

from services.console.cli.articles import find, time_text
from services.console.cli.output import emit, say, table
from services.console.cli.story import given
from services.enrichment.related.features.signature import sign
from services.enrichment.related.features.word_vectors import table as words
from services.enrichment.related.linking.explanation import Case, Explanation, explain
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stories.overrides import latest_first, orders, read
from shared import settings
from shared.errors import SettingsError
from shared.events.story_notices import said
from shared.runtime.ruleset import adopt
from shared.store import Instruction, Link, Store, StoredArticle, pair


@dataclass(frozen=True)
class Answer:
    """Two articles, the story each stands in, what linking makes of them, the link that stands, and who said what."""

    articles: tuple[StoredArticle, StoredArticle]
    stories: tuple[str, str]
    explained: Explanation
    link: Link | None
    instructions: list[Instruction]


async def answer(store: Store, one: str, two: str) -> Answer:
    """What there is to say of two articles, by the rules of now. Raises Unknown."""
    a, b = await find(store, one), await find(store, two)
    if a == b:
        raise SettingsError(f"{one} and {two} are one article")
    await adopt(store)
    rules = settings.read(RelatedSettings)
    articles = await store.articles.get([a, b])
    signatures = {
        one: sign(article) for one, article in articles.items()
    } | await store.relations.get([a, b])
    standing = await store.stories.of([a, b])
    shared = {standing[a]} & {standing.get(b)} if a in standing else set()
    instructions = latest_first(await read([a, b], store))
    links = (await store.relations.links([a]))[a]
    return Answer(
        articles=(articles[a], articles[b]),
        stories=(standing.get(a, ""), standing.get(b, "")),
        explained=explain(
            Case(
                signatures[a],
                signatures[b],
                near=await store.relations.near([a, b]),
                story_size=sum(map(len, (await store.stories.members(shared)).values())),
                orders=orders(instructions),
            ),
            words(),
            rules.bar,
            rules.reach,
        ),
        link=next((link for link in links if link.other(a) == b), None),
        instructions=[one for one in instructions if pair(a, b) in one.pairs],
    )


def emit_answer(found: Answer) -> None:
    """One JSON object."""
    explained = found.explained
    emit(
        {
            "related": found.link is not None,
            "reason": sentence(found),
            "score": explained.score,
            "threshold": explained.threshold,
            "link": {"score": found.link.score, "pinned": found.link.pinned}
            if found.link
            else None,
            "articles": [_article(*one) for one in zip(found.articles, found.stories, strict=True)],
            "parts": {
                "words": explained.parts.words,
                "meaning": explained.parts.meaning,
                "nearWords": explained.parts.near_words,
                "blind": explained.parts.blind,
                "sense": explained.parts.sense,
                "support": explained.parts.support,
            },
            "cosine": explained.cosine,
            "daysApart": explained.days_apart,
            "timeFactor": explained.time_factor,
            "terms": [asdict(term) for term in explained.terms],
            "alike": [asdict(alike) for alike in explained.alike],
            "foundBy": list(explained.found_by),
            "column": explained.column,
            "instructions": [given(one) for one in found.instructions],
        }
    )


def say_answer(found: Answer) -> None:
    """For people: the sentence, then the figures behind it."""
    explained, parts = found.explained, found.explained.parts
    for one in (_article(*one) for one in zip(found.articles, found.stories, strict=True)):
        say(
            f"{one['title']}\n  {one['id']}, story {one['story'] or '-'}, {one['publishedDateTime']}"
        )
    say(f"{sentence(found)}\n")
    rows = [
        ("shared words", parts.words),
        ("where all words point to", parts.meaning),
        ("words that are alike", parts.near_words),
        ("for words that point nowhere", parts.blind),
        *([("what the model says where there is doubt", parts.sense)] if parts.sense else []),
        ("what third articles say", parts.support),
        ("score", explained.score),
        ("needed", explained.threshold),
    ]
    table(("part", "#"), [(name, f"{value:.3f}") for name, value in rows])
    say(f"\ncosine of the words: {explained.cosine:.3f}")
    say(
        f"days apart: {explained.days_apart:.1f}, which leaves {explained.time_factor:.3f} of a score"
    )
    say(f"found by: {', '.join(explained.found_by) or 'no shared term'}\n")
    numbers = [
        (t.term, f"{t.weight:.2f}", f"{t.one:.3f}", f"{t.two:.3f}", f"{t.share:.0%}")
        for t in explained.terms
    ]
    table(("shared term", "weight#", "in the one#", "in the other#", "of the cosine#"), numbers)
    alike = [(a.one, f"{a.weight:.2f}", a.two, f"{a.nearness:.2f}") for a in explained.alike]
    table(("\nterm", "\nweight#", "\nnearest in the other", "\nnearness#"), alike)
    for word in found.instructions:
        say(f"{time_text(word.at)}  {said(word)}")


def sentence(found: Answer) -> str:
    """Why they are related or not; and if the store has it otherwise, that."""
    explained, link = found.explained, found.link
    if explained.instructed and found.instructions:
        return f"{explained.reason} ({said(found.instructions[0])})"
    if explained.related == (link is not None):
        return explained.reason
    if link:
        return f"{explained.reason}; but a link of {link.score:.2f} stands, by other rules or older words"
    return f"{explained.reason}; but no link stands: not settled yet, or others are nearer to both"


def _article(stored: StoredArticle, story: str) -> dict[str, Any]:
    article = stored.article
    at = time_text(article.published_date_time)
    return {
        "id": stored.id,
        "title": article.title,
        "publishedDateTime": at,
        "story": story or None,
    }
