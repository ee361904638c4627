"""Who leads a story: follows from the decisions that stand, is written into the story, and so told to the world.

Decisions are made pair by pair; a story may hold articles that lead and are not related. The one that leads the
*story* keeps that until another, which leads too, is better by the margin, or until it is outranked or has left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.publishing.decision import Contender
from services.publishing.revisions import contender
from services.publishing.rules import Rules
from shared.article_view import Known
from shared.broker.records import Event
from shared.clock import Clock
from shared.errors import StoreAway
from shared.events.catalogue import story_told
from shared.events.story_notices import told
from shared.store import Store, Story

ROUNDS = 20  # each round somebody's version is saved: so many lost in a row mean a sick store
ALL = 1_000_000


async def name_leads(
    standing: Sequence[Known], store: Store, rules: Rules, clock: Clock
) -> list[Event]:
    """Write into the stories of these decided articles who leads now; returns their notices not yet announced.

    Raises StoreAway, and may then be repeated: what was written is found, what is due is returned again.
    """
    leads = {
        known.article.id: known.decision is not None and known.decision.lead == known.article.id
        for known in standing
    }
    ids = set((await store.stories.of(leads)).values())
    for _ in range(ROUNDS):
        stories = {
            one.id: one for one in (await store.stories.get(ids)).values() if len(one.members) > 1
        }
        asked = {one.id: one for one in stories.values() if is_in_question(one, leads)}
        changed = await _changed(asked, store, rules, clock)
        if not changed or all(await store.stories.save(changed)):
            return (
                [story_told(notice) for notice in await store.stories.due(stories, ALL)]
                if stories
                else []
            )
    raise StoreAway(f"the leads of {len(ids)} stories did not settle")


def is_in_question(story: Story, leads: Mapping[str, bool]) -> bool:
    """Whether the lead of *story* may be another, now that these of its articles are known to lead or not."""
    if story.lead not in story.members or leads.get(story.lead) is False:
        return True
    return any(leads.get(one) for one in story.members if one != story.lead)


async def _changed(
    stories: Mapping[str, Story], store: Store, rules: Rules, clock: Clock
) -> list[Story]:
    """The next version of each story whose lead is another now."""
    if not stories:
        return []
    everyone = {one for story in stories.values() for one in (*story.members, story.lead) if one}
    decisions = await store.decisions.get(everyone)
    leading = {one for one, decision in decisions.items() if decision.lead == one}
    holders = {story.lead for story in stories.values()}
    articles = await store.articles.get(leading | holders - {""})
    contenders = {one: contender(stored, decisions.get(one)) for one, stored in articles.items()}
    changed = []
    for story in stories.values():
        leaders = [contenders[one] for one in story.members if one in leading and one in contenders]
        holder = contenders.get(story.lead)
        best = lead_of(leaders, holder if story.lead in story.members else None, rules)
        if best and best.id != story.lead:
            after = replace(story, version=story.version + 1, lead=best.id, changed_at=clock())
            changed.append(told(story, after, reason=why(best, holder, story, rules)))
    return changed


def lead_of(
    leaders: Sequence[Contender], holder: Contender | None, rules: Rules
) -> Contender | None:
    """Which of the articles that lead leads the story: the best one, unless the *holder* leads too and is not worse by
    the margin."""
    best = min(leaders, key=lambda one: one.rank, default=None)
    if best is None or holder is None or not holder.leads:
        return best
    return best if best.quality - holder.quality >= rules.margin else holder


def why(best: Contender, before: Contender | None, story: Story, rules: Rules) -> str:
    """The sentence that is told."""
    now = f"“{best.title}” (quality {best.quality})"
    if before is None:
        return f"{now} leads"
    was = f"“{before.title}” (quality {before.quality})"
    if before.id not in story.members:
        return f"{now} leads: {was} left the story"
    if best.quality - before.quality >= rules.margin:
        return f"{now} takes the lead from {was}: better by {rules.margin} or more"
    return f"{now} leads instead of {was}, which no longer leads"
