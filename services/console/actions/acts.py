"""Human acts: each is recorded before it is done, and answered with what came of it.

After a crash in between the log shows the act without an outcome. All acts may be repeated, so
whoever sees that does it again.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from uuid import uuid4

from services.console.actions.overtaken import Overtaken
from services.console.actions.timestamps import format_timestamp
from shared.clock import now
from shared.errors import DependencyUnavailable, SeedwireError
from shared.store import Act, Store
from shared.store.history_entries import cut_reason
from shared.store.ports.operations.history import MAX_ACT_SUBJECTS

REFUSED: Final = "refused"
"""How the outcome of an act begins that was not done."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class ActCause:
    """Who wants an act, why, and the id of the act: that of a repeated form is the same."""

    by: str
    reason: str = ""
    act_id: str = field(default_factory=lambda: uuid4().hex)


async def perform(
    store: Store,
    kind: str,
    cause: ActCause,
    do: Callable[[], Awaitable[Result]],
    *,
    subjects: Iterable[str] = (),
    describe: Callable[[Result], str] = lambda result: "done",
    details: Callable[[Result], Mapping[str, Any]] = lambda result: {},
) -> Result:
    """Record the act, do it, and note what came of it: *describe* and *details* say that.

    An act that was refused is answered with the refusal. Where Kafka or the store went away,
    nothing is known of it, and it may be done again. Raises Overtaken if it was done, or if another
    act has its id, or what *do* raises.
    """
    act = Act(
        id=cause.act_id,
        kind=kind,
        by=cause.by,
        at=now(),
        reason=cut_reason(cause.reason),
        subjects=tuple(subjects),
    )
    recorded = await store.history.record_act(act)
    if not _is_same_act(recorded, act):
        raise Overtaken("this form was sent before, with other content: load the page again")
    if recorded.outcome and not recorded.outcome.startswith(REFUSED):
        raise Overtaken(f"this was done already: {recorded.outcome}")
    try:
        result = await do()
    except DependencyUnavailable:
        raise
    except SeedwireError as error:
        await store.history.answer_act(act.id, f"{REFUSED}: {cut_reason(str(error))}", now())
        raise
    outcome = cut_reason(describe(result))
    await store.history.answer_act(act.id, outcome, now(), details(result))
    return result


def _is_same_act(recorded: Act, act: Act) -> bool:
    """Whether a repeat asks for what is recorded. The log would tell of something else."""
    wanted = (act.kind, act.by, act.reason, act.subjects[:MAX_ACT_SUBJECTS])
    found = (recorded.kind, recorded.by, recorded.reason, recorded.subjects[:MAX_ACT_SUBJECTS])
    return found == wanted


def describe_act(act: Act) -> dict[str, Any]:
    """The act as JSON values."""
    return {
        "id": act.id,
        "kind": act.kind,
        "by": act.by,
        "at": format_timestamp(act.at),
        "reason": act.reason or None,
        "subjects": [*act.subjects],
        "outcome": act.outcome or None,
        "answeredAt": format_timestamp(act.answered_at) if act.answered_at else None,
        "details": dict(act.details),
    }
