"""How the history of a rejected record goes on: pure, and the same for every adapter."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from shared.store.ports.operations.rejected import (
    MAX_KEPT_CORRECTION,
    REJECTED_AGAIN,
    CaseState,
    Dismissal,
    RedriveAttempt,
    RejectedRecord,
    digest_value,
)

# Of each redrive: its receipt and its event have them all, and a case may have many attempts.
MAX_ATTEMPT_CAUSES: Final = 20


def add_attempt(
    case: RejectedRecord,
    by: str,
    at: datetime,
    corrected: bytes | None,
    expected: int | None = None,
) -> RejectedRecord | None:
    """The case with one more attempt, of which nothing is known yet.

    None if it does not have the *expected* number of attempts: somebody else was first.
    """
    if expected is not None and expected != len(case.redrives):
        return None
    attempt = RedriveAttempt(
        number=len(case.redrives) + 1,
        sent_by=by,
        sent_at=at,
        sha256=digest_value(case.value if corrected is None else corrected),
        is_corrected=corrected is not None and corrected != (case.value or b""),
    )
    is_kept = attempt.is_corrected and len(corrected or b"") <= MAX_KEPT_CORRECTION
    return replace(
        case,
        redrives=(*case.redrives, attempt),
        state="redriven",
        correction=corrected if is_kept else None,
    )


def answer_attempt(
    case: RejectedRecord, number: int, outcome: str, at: datetime
) -> RejectedRecord | None:
    """The case after the attempt was handled; the case itself if that was known already.

    None if there is no such attempt, or it has another outcome.
    """
    attempt = _find_attempt(case, number)
    if attempt is None or attempt.outcome not in ("", outcome):
        return None
    if attempt.outcome == outcome:
        return case
    return _replace_attempt(case, replace(attempt, outcome=outcome, answered_at=at))


def reject_again(case: RejectedRecord, record: RejectedRecord) -> RejectedRecord | None:
    """The case after *record*, which its origin names as an attempt, was rejected.

    The case itself if that was known already. None if *record* is not what the attempt sent: then
    its bytes are kept nowhere else.
    """
    attempt = _find_attempt(case, record.origin.number) if record.origin else None
    if attempt is None or attempt.sha256 != digest_value(record.value):
        return None
    if (attempt.outcome, attempt.record_id) == (REJECTED_AGAIN, record.id):
        return case
    if attempt.outcome:
        return None
    answered = replace(
        attempt,
        outcome=REJECTED_AGAIN,
        answered_at=record.rejected_at,
        causes=record.causes[:MAX_ATTEMPT_CAUSES],
        record_id=record.id,
    )
    return _replace_attempt(case, answered)


def dismiss(case: RejectedRecord, dismissal: Dismissal) -> RejectedRecord:
    return replace(case, dismissal=dismissal, state="dismissed")


def resolve(case: RejectedRecord, note: Dismissal) -> RejectedRecord | None:
    """The case closed as done; None if it is not open."""
    if case.state != "open":
        return None
    return replace(case, dismissal=note, state="resolved")


def _find_attempt(case: RejectedRecord, number: int) -> RedriveAttempt | None:
    is_known = 1 <= number <= len(case.redrives)
    return case.redrives[number - 1] if is_known else None


def _replace_attempt(case: RejectedRecord, attempt: RedriveAttempt) -> RejectedRecord:
    redrives = list(case.redrives)
    redrives[attempt.number - 1] = attempt
    state = _derive_state(case.state, redrives)
    return replace(case, redrives=tuple(redrives), state=state)


def _derive_state(before: CaseState, redrives: Sequence[RedriveAttempt]) -> CaseState:
    """A dismissed case stays dismissed; one that was handled once is resolved."""
    if before == "dismissed":
        return before
    outcomes = [attempt.outcome for attempt in redrives]
    if any(outcome not in ("", REJECTED_AGAIN) for outcome in outcomes):
        return "resolved"
    return "redriven" if outcomes[-1] == "" else "open"
