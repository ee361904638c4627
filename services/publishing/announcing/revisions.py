"""Plans what to write for a decision: nothing, the decision, or the decision with a new revision.

A revision is one published state of an article as consumers see it. All functions here are pure.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Literal

from services.publishing.deciding.decision import Outcome, decide
from services.publishing.deciding.ranking import build_contender
from services.publishing.deciding.rules import Rules
from shared.events.public.articles import AddressedBlock, RetractedArticle
from shared.store import Decision, DecisionWrite, Revision
from shared.trace_context import TraceContext
from shared.views.article_snapshot import ArticleSnapshot
from shared.views.article_view import build_view, classify_reason

# No article is ever touched -1 times, so the write leaves the article waiting for its decision. It
# stops waiting only after another look at it has changed nothing.
KEEP_PENDING: Final = -1

_LAST_SHOWN: Final = (
    "storyId",
    *(info.alias or name for name, info in AddressedBlock.model_fields.items()),
)


def plan_decision_write(
    snapshot: ArticleSnapshot, rules: Rules, now: datetime
) -> DecisionWrite | None:
    """The write that brings the stored decision up to date; None if the stored decision stands.

    *snapshot* has all relatives of the article.
    """
    outcome = _apply_rules(snapshot, rules)
    return plan_outcome_write(snapshot, outcome, rules, now, snapshot.article.trace)


def plan_outcome_write(
    snapshot: ArticleSnapshot,
    outcome: Outcome,
    rules: Rules,
    now: datetime,
    trace: TraceContext | None,
) -> DecisionWrite | None:
    """The write that saves *outcome*; None if the stored decision says the same.

    *trace* is that of the drop that caused it.

    *snapshot* has at least the relatives that are shown, and nobody is shown unless the outcome is
    published.
    """
    before = snapshot.decision
    decision = _build_decision(snapshot, outcome, rules, now)
    view: dict[str, Any] = {}
    if decision.published:
        view = build_view(replace(snapshot, decision=decision), rules.max_related)
        decision = replace(decision, shown=digest_view(view))
    if before and _basis(before) == _basis(decision):
        return None
    revision = _plan_revision(snapshot, decision, view)
    if revision:
        revision = replace(revision, trace=trace)
        decision = replace(decision, revision=revision.number, latest=revision)
    return DecisionWrite(decision, KEEP_PENDING, revision)


def digest_view(view: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of a view without its revision."""
    shown = {name: value for name, value in view.items() if name != "revision"}
    canonical = json.dumps(shown, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _apply_rules(snapshot: ArticleSnapshot, rules: Rules) -> Outcome:
    article = build_contender(snapshot.article, snapshot.decision)
    relatives = [build_contender(other.article, other.decision) for other in snapshot.relatives]
    return decide(article, relatives, rules)


def _build_decision(
    snapshot: ArticleSnapshot, outcome: Outcome, rules: Rules, now: datetime
) -> Decision:
    """The next decision about the article, still with the revision of the one before."""
    before = snapshot.decision
    stamp, revision, latest = 0, 0, None
    if before is not None:
        stamp, revision, latest = before.stamp, before.revision, before.latest
    return Decision(
        article_id=snapshot.article.id,
        stamp=stamp + 1,
        version=snapshot.article.version,
        revision=revision,
        published=outcome.published,
        heat=outcome.heat,
        lead=outcome.lead,
        reason=outcome.reason,
        rules=dict(vars(rules)),
        inputs=outcome.inputs,
        decided_at=now,
        latest=latest,
    )


def _basis(decision: Decision) -> tuple[Any, ...]:
    """What makes two decisions different.

    The reason does not: when the rules are applied again to an article that *lost the lead*, it is
    only *outranked*, and the decision stands.
    """
    return (
        decision.version,
        decision.published,
        decision.heat,
        decision.lead,
        decision.shown,
        dict(decision.rules),
        dict(decision.inputs),
    )


def _plan_revision(
    snapshot: ArticleSnapshot, decision: Decision, view: dict[str, Any]
) -> Revision | None:
    """The next revision, if *decision* changes what consumers see; *view* is the new state."""
    before = snapshot.decision
    was_published = before is not None and before.published
    number = decision.revision + 1
    if decision.published:
        if before and before.shown == decision.shown:
            return None
        kind: Literal["published", "updated"] = "updated" if was_published else "published"
        data = _encode_json(view | {"revision": number})
        return Revision(decision.article_id, number, kind, decision.decided_at, data)
    if was_published:
        data = _encode_json(_build_retraction(snapshot, decision, number))
        return Revision(decision.article_id, number, "retracted", decision.decided_at, data)
    return None


def _build_retraction(snapshot: ArticleSnapshot, decision: Decision, number: int) -> dict[str, Any]:
    """The data of a retraction: the article as it was shown last, whatever it has become since."""
    shown = _load_shown(snapshot)
    retraction = RetractedArticle(
        **{name: shown[name] for name in _LAST_SHOWN if name in shown},
        revision=number,
        successor=None if decision.lead == decision.article_id else decision.lead,
        reason_code=classify_reason(decision, has_relatives=bool(snapshot.relatives)),
        reason=decision.reason,
    )
    return retraction.as_json()


def _load_shown(snapshot: ArticleSnapshot) -> dict[str, Any]:
    """What the latest revision shows; if none is known, what the article has become."""
    latest = snapshot.decision.latest if snapshot.decision else None
    if latest is None or latest.kind == "retracted":
        return build_view(snapshot)
    shown: dict[str, Any] = json.loads(latest.data)
    return shown


def _encode_json(data: Mapping[str, Any]) -> bytes:
    """Not with orjson: it refuses integers beyond 64 bits, which unknown fields may hold."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
