"""Which article leads a story: derived from the decisions, and saved with the story.

With the lead the story has its title and heat, and gets another version when these change.

Decisions compare related articles pair by pair, but a story may contain several leads that are not
related to each other. The lead of the *story* stays until another lead is better by the margin, or
until it is outranked or leaves the story. Where relatives in other stories outrank all of its
articles, a story has no lead.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from services.publishing.announcing.story_lead_reasons import (
    ShownLead,
    explain_lead_change,
    explain_lead_loss,
    explain_update,
)
from services.publishing.deciding.compared_members import ComparedMembers
from services.publishing.deciding.decision_inputs import Contest
from services.publishing.deciding.ranking import Contender, build_contender, is_lead
from services.publishing.deciding.rules import Rules
from shared.broker.records import Event
from shared.clock import Clock
from shared.events.stories.story_changes import attach_story_event
from shared.events.stories.story_reasons import StoryReason
from shared.events.stories.story_wake_ups import build_story_wake_ups
from shared.store import Decision, Store, Story, repeat_until_stable
from shared.trace_context import TraceContext


@dataclass(frozen=True)
class Candidate:
    """An article that may lead a story, with what the story would show of it."""

    contender: Contender
    shown: ShownLead


class StoryLeads:
    """Keeps the leads of stories up to date, and in memory what it compared in large stories."""

    def __init__(self, rules: Rules, clock: Clock) -> None:
        self._rules = rules
        self._clock = clock
        self._compared = ComparedMembers()

    async def update(self, decided: Sequence[Contest], store: Store) -> list[Event]:
        """Save the leads of the stories of these decided articles; returns wake-ups for stories.

        They are for the stories that have a version in the outbox, whoever saved it. May be
        repeated, and is to be repeated after a StoreUnavailable.
        """
        leads: dict[str, bool] = {}
        shown: dict[str, ShownLead] = {}
        for contest in decided:
            article_id = contest.article.id
            leads[article_id] = is_lead(article_id, contest.decision)
            shown[article_id] = _describe_lead(contest.contender, contest.decision)
        story_ids = set((await store.stories.get_story_ids(leads)).values())
        with_leads: set[str] = set()

        async def save_leads(remaining: Sequence[str]) -> list[str]:
            stories = await _load_stories(remaining, store)
            # A story may have gained or lost members since the last round.
            with_leads.difference_update(remaining)
            with_leads.update(stories)
            affected = [
                story
                for story in stories.values()
                if may_change_lead(story, leads) or is_outdated(story, shown)
            ]
            changed = await self._plan_changes(affected, leads, store)
            if not changed:
                return []
            won = await store.stories.save(changed)
            return [story.id for story, is_saved in zip(changed, won, strict=True) if not is_saved]

        await repeat_until_stable(save_leads, story_ids, "stories that get another lead")
        return await _wake_unannounced(with_leads, store)

    async def _plan_changes(
        self, stories: Sequence[Story], leads: Mapping[str, bool], store: Store
    ) -> list[Story]:
        """The next version of each of these stories that gets another lead."""
        if not stories:
            return []
        holders = await _load_candidates({story.lead for story in stories} - {""}, store)
        members: dict[str, Collection[str]] = {}
        for story in stories:
            members[story.id] = self._choose_members(story, holders, leads)
        leading = await _load_leading(set(chain.from_iterable(members.values())), store)
        changed: list[Story] = []
        for story in stories:
            contenders = [leading[member] for member in members[story.id] if member in leading]
            before = holders.get(story.lead)
            lead = _choose_lead(story, contenders, before, self._rules)
            self._compared.keep(story, lead.contender if lead else None)
            after = _plan_next(story, before, lead, self._rules, self._clock)
            if after:
                changed.append(after)
        return changed

    def _choose_members(
        self, story: Story, holders: Mapping[str, Candidate], leads: Mapping[str, bool]
    ) -> Collection[str]:
        holder = holders.get(story.lead)
        return self._compared.choose(story, holder.contender if holder else None, leads)


def may_change_lead(story: Story, leads: Mapping[str, bool]) -> bool:
    """Whether *story* may get another lead, given which of its decided articles lead or do not."""
    if story.lead not in story.members or leads.get(story.lead) is False:
        return True
    return any(leads.get(member) for member in story.members if member != story.lead)


def is_outdated(story: Story, shown: Mapping[str, ShownLead]) -> bool:
    """Whether the lead of *story* was decided, and has another title or heat than announced."""
    return shown.get(story.lead, (story.title, story.heat)) != (story.title, story.heat)


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


async def _load_stories(ids: Collection[str], store: Store) -> dict[str, Story]:
    """These stories without those of a single article, which have no lead to announce."""
    stories = await store.stories.get(ids)
    return {story.id: story for story in stories.values() if len(story.members) > 1}


async def _wake_unannounced(stories: Collection[str], store: Store) -> list[Event]:
    if not stories:
        return []
    return build_story_wake_ups(await store.stories.find_unannounced(stories, limit=None))


def _choose_lead(
    story: Story, leading: Collection[Candidate], before: Candidate | None, rules: Rules
) -> Candidate | None:
    """Which of the *leading* members leads the story; *before* is its lead so far."""
    by_id = {candidate.contender.id: candidate for candidate in leading}
    holder = before if before and story.lead in story.members else None
    if holder and holder.contender.is_lead:
        by_id[story.lead] = holder
    contenders = [candidate.contender for candidate in by_id.values()]
    lead = select_lead(contenders, holder.contender if holder else None, rules)
    return by_id[lead.id] if lead else None


def _plan_next(
    story: Story, before: Candidate | None, lead: Candidate | None, rules: Rules, clock: Clock
) -> Story | None:
    """The next version of *story* with this *lead*, or with none; None if it changes nothing."""
    holder = before.contender if before else None
    if lead is None:
        return _plan_without_lead(story, holder, clock)
    contender, shown = lead.contender, lead.shown
    if contender.id != story.lead:
        reason = explain_lead_change(contender, holder, story, rules)
    elif is_outdated(story, {contender.id: shown}):
        reason = explain_update(story, shown)
    else:
        return None
    return _change_lead(story, contender.id, shown, reason, contender.trace, clock)


def _plan_without_lead(story: Story, holder: Contender | None, clock: Clock) -> Story | None:
    """The next version of *story*, of whose articles none leads any more; *holder* was its lead."""
    if not story.lead:
        return None
    trace = holder.trace if holder else None
    return _change_lead(story, "", ("", None), explain_lead_loss(story, holder), trace, clock)


def _change_lead(
    story: Story,
    lead: str,
    shown: ShownLead,
    reason: StoryReason,
    trace: TraceContext | None,
    clock: Clock,
) -> Story:
    """The next version of *story*, with this *lead* and what is *shown* of it."""
    title, heat = shown
    after = replace(
        story,
        version=story.version + 1,
        lead=lead,
        title=title,
        heat=heat,
        changed_at=clock(),
    )
    return attach_story_event(story, after, reason=reason, trace=trace)


async def _load_leading(ids: Collection[str], store: Store) -> dict[str, Candidate]:
    """By id: those of these articles that lead."""
    decisions = await store.decisions.get(ids)
    leading: list[str] = []
    for article_id, decision in decisions.items():
        if is_lead(article_id, decision):
            leading.append(article_id)
    return await _load_candidates(leading, store)


async def _load_candidates(ids: Collection[str], store: Store) -> dict[str, Candidate]:
    """By id; unknown articles are left out."""
    decisions = await store.decisions.get(ids)
    candidates: dict[str, Candidate] = {}
    for article_id, stored in (await store.articles.get(ids)).items():
        decision = decisions.get(article_id)
        contender = build_contender(stored, decision)
        candidates[article_id] = Candidate(contender, _describe_lead(contender, decision))
    return candidates


def _describe_lead(contender: Contender, decision: Decision | None) -> ShownLead:
    return contender.title, decision.heat if decision else None
