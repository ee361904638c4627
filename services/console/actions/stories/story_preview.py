"""What follows from an editor's act on a story, computed by publishing's own rules.

Linking has the last word: it may move other articles too, once the act is saved. So a preview says
of a split and a merge what these make certain, and of a pin and a block what is likely.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.console.actions.articles.known_articles import find_article_id
from services.console.actions.stories.named_stories import OverrideRejected, find_story_id
from services.console.actions.stories.story_acts import (
    StoryAct,
    name_by_article,
    require_complete,
    require_current,
)
from services.console.actions.stories.story_forecast import Field, Group, apply, predict
from services.console.actions.stories.story_members import find_lead, load_member_ids
from services.publishing.deciding.ranking import build_contender
from services.publishing.deciding.rules import Rules
from shared.store import Decision, Store, initial_story_id

MAX_ARTICLES: Final = 300  # all of these seeds are read; for larger stories there is no preview


@dataclass(frozen=True)
class Preview:
    """What follows, in sentences. *titles* are of the articles that the act names."""

    sentences: Sequence[str]
    titles: Mapping[str, str]
    is_certain: bool


async def preview_act(store: Store, act: StoryAct) -> Preview:
    """Raises Overtaken, OverrideRejected, ArticleNotFound."""
    require_complete(act)
    await require_current(store, act)
    stories = await store.stories.get([act.story_id])
    story = stories.get(act.story_id)
    members = await load_member_ids(store, act.story_id, story)
    others = await _load_other_members(store, act, members)
    concerned = members | others | {*act.article_ids}
    if len(concerned) > MAX_ARTICLES:
        sentence = f"{len(concerned):,} articles are concerned: too many to compute what follows"
        return Preview([f"{sentence}."], {}, is_certain=False)
    _require_members(act, members)
    field = await load_field(store, concerned)
    lead_id = find_lead(story, members)
    before = predict(field, [members], lead_id)[0]
    after_field, groups = apply(act, field, members, others)
    after = predict(after_field, groups, lead_id)
    named = [article_id for article_id in act.article_ids if article_id in field.contenders]
    others_described = [_describe_new(group) for group in after[1:]]
    return Preview(
        sentences=[*_describe(before, after[0]), *others_described],
        titles={article_id: field.contenders[article_id].title for article_id in named},
        is_certain=act.kind in ("split", "merge"),
    )


async def load_field(store: Store, ids: Collection[str]) -> Field:
    """These articles with the relatives they have, and the rules that they were decided by."""
    links: set[tuple[str, str]] = set()
    relatives: set[str] = {*ids}
    for article_id, article_links in (await store.links.get(ids)).items():
        links |= {(link.a, link.b) for link in article_links}
        relatives |= {link.other(article_id) for link in article_links}
    articles = await store.articles.get(relatives)
    decisions = await store.decisions.get(relatives)
    contenders = {
        article_id: build_contender(stored, decisions.get(article_id))
        for article_id, stored in articles.items()
    }
    return Field(contenders, frozenset(links), _find_rules(decisions.values()))


async def _load_other_members(
    store: Store, act: StoryAct, members: frozenset[str]
) -> frozenset[str]:
    """The articles of the story to merge with."""
    if act.kind != "merge":
        return frozenset()
    stories = await store.stories.get([act.other])
    if act.other in stories:
        others = frozenset(stories[act.other].members)
    else:
        article_id = await find_article_id(store, await name_by_article(store, act.other))
        story_id = await find_story_id(store, article_id) or initial_story_id(article_id)
        found = await store.stories.get_members([story_id])
        others = found.get(story_id, frozenset()) | {article_id}
    if others == members:
        raise OverrideRejected("these are one story already")
    return others


def _require_members(act: StoryAct, members: frozenset[str]) -> None:
    strangers = {*act.article_ids} - members
    if act.kind == "split" and strangers:
        raise OverrideRejected("an article that you chose is not in this story any more")
    if act.kind == "split" and members == {*act.article_ids}:
        raise OverrideRejected("the story would have no article left: leave one unticked")


def _find_rules(decisions: Iterable[Decision]) -> Rules:
    """The rules of the latest decision; the defaults where nothing is decided yet."""
    latest = max(decisions, key=lambda decision: decision.decided_at, default=None)
    if latest is None:
        return Rules()
    known = {name: value for name, value in latest.rules.items() if hasattr(Rules, name)}
    return Rules(**known)


def _describe(before: Group, after: Group) -> list[str]:
    lead = "the lead stays"
    if not after.lead_id:
        lead = "no article leads it yet"
    elif after.lead_id != before.lead_id:
        lead = f"“{after.lead_title}” leads"
    heat = f"heat {before.heat} → {after.heat}"
    if before.heat == after.heat:
        heat = f"heat {after.heat} as before"
    sentences = [f"{before.size} → {after.size} {_count(after.size)}; {lead}; {heat}."]
    if before.is_published and not after.is_published:
        sentences.append("That is too little: it is retracted.")
    if after.is_published and not before.is_published:
        sentences.append("That is enough: it is published.")
    return sentences


def _describe_new(group: Group) -> str:
    published = "published" if group.is_published else "not published"
    own = "stands alone" if group.size == 1 else f"leads {group.size} articles"
    return f"“{group.lead_title}” {own}, with heat {group.heat}: {published}."


def _count(number: int) -> str:
    return "article" if number == 1 else "articles"
