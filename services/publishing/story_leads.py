"""Which article leads a story: derived from the decisions, saved with the story, and announced.

Decisions compare related articles pair by pair, but a story may contain several leads that are not
related to each other. The lead of the *story* stays until another lead is better by the margin, or
until it is outranked or leaves the story.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from services.publishing.contests import Contest
from services.publishing.ranking import Contender, build_contender, is_lead
from services.publishing.rules import Rules
from shared.broker.records import Event
from shared.clock import Clock
from shared.events.story_changes import attach_story_event
from shared.events.story_events import build_story_event
from shared.store import Store, Story, repeat_until_stable


async def update_story_leads(
    decided: Sequence[Contest], store: Store, rules: Rules, clock: Clock
) -> list[Event]:
    """Save new leads in the stories of these decided articles; returns the events for the stories.

    The events come out of the outbox: all that are saved for these stories and not yet announced.
    May be repeated, and is to be repeated after a StoreUnavailable.
    """
    leads = {each.article.id: is_lead(each.article.id, each.decision) for each in decided}
    story_ids = set((await store.stories.get_story_ids(leads)).values())
    with_leads: set[str] = set()

    async def save_leads(remaining: Sequence[str]) -> list[str]:
        stories = await _load_stories(remaining, store)
        # A story may have gained or lost members since the last round.
        with_leads.difference_update(remaining)
        with_leads.update(stories)
        affected = [story for story in stories.values() if may_change_lead(story, leads)]
        changed = await _plan_lead_changes(affected, store, rules, clock)
        if not changed:
            return []
        won = await store.stories.save(changed)
        return [story.id for story, is_saved in zip(changed, won, strict=True) if not is_saved]

    await repeat_until_stable(save_leads, story_ids, "stories that get another lead")
    return await _build_unannounced_events(with_leads, store)


def may_change_lead(story: Story, leads: Mapping[str, bool]) -> bool:
    """Whether *story* may get another lead, given which of its decided articles lead or do not."""
    if story.lead not in story.members or leads.get(story.lead) is False:
        return True
    return any(leads.get(member) for member in story.members if member != story.lead)


def select_lead(
    leads: Sequence[Contender], holder: Contender | None, rules: Rules
) -> Contender | None:
    """Which of *leads*, the articles of a story that lead, leads the story itself: the best one.

    But *holder*, its lead so far, stays if it still leads and the best is not better by the margin.
    """
    best = min(leads, key=lambda contender: contender.ranking_key, default=None)
    if best is None or holder is None or not holder.is_lead:
        return best
    return best if best.quality - holder.quality >= rules.margin else holder


def explain_lead_change(
    lead: Contender, before: Contender | None, story: Story, rules: Rules
) -> str:
    """The sentence in the story's event that says why *lead* replaces *before*."""
    new = f"“{lead.title}” (quality {lead.quality})"
    if before is None:
        return f"{new} leads"
    old = f"“{before.title}” (quality {before.quality})"
    if before.id not in story.members:
        return f"{new} leads: {old} left the story"
    if lead.quality - before.quality >= rules.margin:
        return f"{new} takes the lead from {old}: better by {rules.margin} or more"
    return f"{new} leads instead of {old}, which no longer leads"


async def _load_stories(ids: Collection[str], store: Store) -> dict[str, Story]:
    """These stories without those of a single article, which have no lead to announce."""
    stories = await store.stories.get(ids)
    return {story.id: story for story in stories.values() if len(story.members) > 1}


async def _build_unannounced_events(stories: Collection[str], store: Store) -> list[Event]:
    if not stories:
        return []
    unannounced = await store.stories.find_unannounced(stories, limit=None)
    return [build_story_event(event) for event in unannounced]


async def _plan_lead_changes(
    stories: Sequence[Story], store: Store, rules: Rules, clock: Clock
) -> list[Story]:
    """The next version of each of these stories that gets another lead."""
    if not stories:
        return []
    contenders = await _load_contenders(stories, store)
    changed = []
    for story in stories:
        members = [contenders[member] for member in story.members if member in contenders]
        leads = [member for member in members if member.is_lead]
        before = contenders.get(story.lead)
        holder = before if story.lead in story.members else None
        lead = select_lead(leads, holder, rules)
        if lead and lead.id != story.lead:
            reason = explain_lead_change(lead, before, story, rules)
            after = replace(story, version=story.version + 1, lead=lead.id, changed_at=clock())
            changed.append(attach_story_event(story, after, reason=reason))
    return changed


async def _load_contenders(stories: Iterable[Story], store: Store) -> dict[str, Contender]:
    """By id: the members of these stories that lead, and the leads of the stories so far."""
    holder_ids = {story.lead for story in stories if story.lead}
    article_ids = set(holder_ids)
    for story in stories:
        article_ids.update(story.members)
    decisions = await store.decisions.get(article_ids)
    needed = set(holder_ids)
    for article_id, decision in decisions.items():
        if is_lead(article_id, decision):
            needed.add(article_id)
    contenders = {}
    for article_id, stored in (await store.articles.get(needed)).items():
        contenders[article_id] = build_contender(stored, decisions.get(article_id))
    return contenders
