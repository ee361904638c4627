"""Checks of one story: what its topics tell consumers against the store. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.console.audit.breaches import Breach, Place, Promise, store_place
from services.console.audit.repairs.repair_actions import ResendStory
from services.console.audit.topics.published_records import PublishedRecord, digest_record
from services.console.audit.topics.published_topics import RevisionHistory, format_ranges
from shared.events.stories.story_events import build_story_events
from shared.events.topics import STORIES_LOG, STORIES_STATE
from shared.store import Story, StoryEvent

STORIES = store_place("stories")


@dataclass(frozen=True)
class StoryTopicView:
    """What the topics say of one story.

    *history* has its versions in `stories.log`, *state* is its last record in `stories.state`, and
    what was announced before the *horizon* may be gone from the log.
    """

    history: RevisionHistory | None = None
    state: PublishedRecord | None = None
    horizon: datetime | None = None


def check_story(story: Story, is_due: bool, view: StoryTopicView) -> Iterator[Breach]:
    """Yield what does not hold. If its latest event *is_due*, then what lacks it is pending."""
    latest = story.latest
    if latest is None:
        sentence = "it was saved without an event"
        yield _build_breach(Promise.STORE, story.id, sentence, STORIES)
        return
    found = [*_check_log(latest, is_due, view), *_check_state(latest, is_due, view)]
    yield from found
    if is_due and not found:
        sentence = f"version {latest.version} was announced, but is still in the outbox"
        yield _build_breach(Promise.ANNOUNCED, story.id, sentence, STORIES, pending=True)


def check_known(
    story_id: str, stored: Story | None, view: StoryTopicView, state_checkpoint: int
) -> Iterator[Breach]:
    """Yield a breach if the topics know a version that the store does not."""
    version = stored.version if stored else 0
    history, state = view.history, view.state
    if history and history.checkpoint > version:
        sentence = f"version {history.checkpoint} was announced, but the store knows {version}"
        yield _build_breach(Promise.SAVED, story_id, sentence, history.newest.where)
    elif state and state_checkpoint > version:
        sentence = f"the latest state is version {state.revision}, but the store knows {version}"
        yield _build_breach(Promise.SAVED, story_id, sentence, state.where)


def _check_log(latest: StoryEvent, is_due: bool, view: StoryTopicView) -> Iterator[Breach]:
    if view.horizon is not None and latest.at < view.horizon:
        return
    history = view.history
    logged = history.digest(latest.version) if history else None
    if history is None or logged is None:
        sentence = f"version {latest.version} was saved, but is not in {STORIES_LOG}"
        resend = ResendStory(latest, (STORIES_LOG,))
        yield _build_breach(
            Promise.ANNOUNCED, latest.story_id, sentence, STORIES, resend, pending=is_due
        )
        return
    _, log_event = build_story_events([latest])
    if logged != digest_record(log_event):
        sentence = f"version {latest.version} has other bytes in {STORIES_LOG} than in the store"
        yield _build_breach(Promise.LOG, latest.story_id, sentence, Place(topic=STORIES_LOG))
    if gaps := history.find_gaps():
        sentence = f"version {format_ranges(gaps)} is missing in {STORIES_LOG}"
        yield _build_breach(Promise.GAPLESS, latest.story_id, sentence, history.newest.where)


def _check_state(latest: StoryEvent, is_due: bool, view: StoryTopicView) -> Iterator[Breach]:
    state = view.state
    resend = ResendStory(latest, (STORIES_STATE,))
    if state is None:
        if latest.kind != "ended":  # compaction removes a tombstone after a while
            sentence = f"{STORIES_STATE} has nothing for it, not version {latest.version}"
            yield _build_breach(
                Promise.STATE, latest.story_id, sentence, STORIES, resend, pending=is_due
            )
        return
    state_event, _ = build_story_events([latest])
    if state.digest == digest_record(state_event) or state.revision > latest.version:
        return  # a later one was saved since the store was read; if not, check_known reports it
    ending = f"the tombstone of {state.revision}" if state.is_tombstone else f"{state.revision}"
    wanted = "a tombstone" if latest.kind == "ended" else f"version {latest.version}"
    sentence = f"{STORIES_STATE} ends with version {ending}, not with {wanted} as it was saved"
    yield _build_breach(
        Promise.STATE, latest.story_id, sentence, state.where, resend, pending=is_due
    )


def _build_breach(
    promise: Promise,
    story_id: str,
    sentence: str,
    where: Place,
    repair_action: ResendStory | None = None,
    pending: bool = False,
) -> Breach:
    """What is pending needs no repair: related's sweep sends it."""
    action = None if pending else repair_action
    return Breach(promise, "", sentence, where, action, pending, story_id=story_id)
