"""Which text of a rejected seed is mended, and which faults are shown on it."""

from dataclasses import replace

from services.console.actions.rejected.mend import find_last_causes, find_last_text, mark_lines
from shared.store import Cause, RejectedRecord
from shared.store.redrive_history import add_attempt, answer_attempt
from tests.unit.console.newsroom import NOW

FIRST_CAUSE = Cause("title", 2, "Expected a title.")
SECOND_CAUSE = Cause("webUrl", 3, "Expected an address.")
CASE = RejectedRecord(
    id="c/seeds/0/1",
    service="ingest",
    topic="seeds",
    partition=0,
    offset=1,
    key=b"key",
    value=b"---\nno: title\n---\n",
    headers=(),
    causes=(FIRST_CAUSE,),
    rejected_at=NOW,
)
CORRECTION = b"---\ntitle: A\nwebUrl: none\n---\n"


def correct(case: RejectedRecord, text: bytes, *causes: Cause) -> RejectedRecord:
    """The case after *text* was sent in its place, and rejected for these causes."""
    sent = add_attempt(case, "ann", NOW, text)
    assert sent is not None
    answered = answer_attempt(sent, sent.attempts, "rejected", NOW)
    assert answered is not None
    *earlier, last = answered.redrives
    return replace(answered, redrives=(*earlier, replace(last, causes=causes)))


def test_who_mends_a_case_goes_on_with_the_correction_and_its_faults():
    case = correct(CASE, CORRECTION, SECOND_CAUSE)
    assert find_last_text(case) == CORRECTION
    assert find_last_causes(case) == (SECOND_CAUSE,)


def test_without_a_correction_it_is_the_seed_as_it_was_rejected():
    assert find_last_text(CASE) == CASE.value
    assert find_last_causes(CASE) == (FIRST_CAUSE,)


def test_faults_of_what_an_older_version_sent_are_not_shown_on_another_text():
    """It does not know corrections: that of the attempt before stays, and its own is not kept."""
    kept = correct(CASE, CORRECTION, SECOND_CAUSE)
    later = correct(kept, b"---\ntitle: A\n---\n", Cause("lines", 9, "There is no such line."))
    case = replace(later, correction=kept.correction)
    assert find_last_text(case) == CASE.value
    assert find_last_causes(case) == (FIRST_CAUSE,)
    faulty = [line.number for line in mark_lines(case) if line.faults]
    assert faulty == [2]
