"""The sentences that say why a story has another lead, or none, or shows something else of it."""

from typing import TypeAlias

from services.publishing.deciding.ranking import Contender
from services.publishing.deciding.rules import Rules
from shared.events.stories.story_reasons import StoryReason
from shared.store import Story

ShownLead: TypeAlias = tuple[str, int | None]
"""Title and heat of an article, as the story that it leads shows them."""


def explain_lead_change(
    lead: Contender, before: Contender | None, story: Story, rules: Rules
) -> StoryReason:
    """Why *lead* replaces *before*, in the story's event."""
    new = f"“{lead.title}” (quality {lead.quality})"
    if before is None:
        return StoryReason("first-lead", f"{new} leads")
    old = f"“{before.title}” (quality {before.quality})"
    if before.id not in story.members:
        return StoryReason("lead-left", f"{new} leads: {old} left the story")
    if lead.quality - before.quality >= rules.margin:
        sentence = f"{new} takes the lead from {old}: better by {rules.margin} or more"
        return StoryReason("better-lead", sentence)
    sentence = f"{new} leads instead of {old}, which no longer leads"
    return StoryReason("lead-outranked", sentence)


def explain_lead_loss(story: Story, before: Contender | None) -> StoryReason:
    """Why no article leads the story any more; *before* was its lead, None if it is deleted."""
    if before is None or before.id not in story.members:
        sentence = f"“{story.title}” left the story, and no other article of it leads"
        return StoryReason("lead-left", sentence)
    sentence = f"“{before.title}” (quality {before.quality}) no longer leads, and no other article"
    return StoryReason("lead-outranked", f"{sentence} of the story does")


def explain_update(story: Story, shown: ShownLead) -> StoryReason:
    """Why the story has a new version although its articles and its lead are the same."""
    title, heat = shown
    changes = []
    if title != story.title:
        changes.append(f"its lead is now called “{title}”")
    if heat != story.heat:
        changes.append(f"the heat of its lead is now {heat}, it was {story.heat}")
    return StoryReason("lead-updated", " and ".join(changes))
