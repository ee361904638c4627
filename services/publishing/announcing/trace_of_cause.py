"""Which drop caused what is decided about an article now, and so whose trace its revision has.

That is not always a drop of the article itself: a better relative takes the lead, or a new relative
adds heat. It follows from what is stored, so it does not matter which event woke the article, and
which others came in the same batch. Pure.
"""

from services.publishing.deciding.decision import Outcome
from services.publishing.deciding.decision_inputs import Contest
from services.publishing.deciding.ranking import Contender
from shared.store import Decision
from shared.trace_context import TraceContext


def find_trace_of_cause(contest: Contest, outcome: Outcome) -> TraceContext | None:
    """The trace of the drop because of which the article of *contest* is decided anew.

    What no drop of a relative explains, such as a picture or an editor's override, has the trace of
    the article's own version.
    """
    before, article = contest.decision, contest.contender
    if before is None or before.version != article.version:
        return article.trace
    cause = _find_other_lead(contest, before, outcome) or _find_changed_relative(contest, before)
    return (cause or article).trace


def _find_other_lead(contest: Contest, before: Decision, outcome: Outcome) -> Contender | None:
    """The relative that took the lead, or from which the article took it."""
    if outcome.lead == before.lead:
        return None
    other_id = before.lead if outcome.lead == contest.article.id else outcome.lead
    for relative in contest.relatives:
        if relative.id == other_id:
            return relative
    return None


def _find_changed_relative(contest: Contest, before: Decision) -> Contender | None:
    """The best relative that the decision *before* did not know, or knew in another version."""
    known = {entry["id"]: entry.get("version") for entry in before.inputs["relatives"]}
    for relative in contest.relatives:
        if relative.id not in known or known[relative.id] not in (None, relative.version):
            return relative
    return None
