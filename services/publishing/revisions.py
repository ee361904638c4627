"""What a decision changes for the world: nothing, or the next revision of what consumers see. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final, Literal

from services.publishing.decision import Contender, Ruling, decide
from services.publishing.rules import Rules
from shared.article_view import Known, address, show
from shared.store import Decision, Publication, StoredArticle, Verdict

KEEP_WAITING: Final = (
    -1
)  # no article was ever touched so often: it waits on until a fresh look changes nothing


def verdict(known: Known, rules: Rules, now: datetime) -> Verdict | None:
    """The write that brings the stored decision up to what is *known*; None when the stored one stands."""
    ruling = decide(
        contender(known.article, known.decision),
        [contender(linked.article, linked.decision) for linked in known.relatives],
        rules,
    )
    decision = _decision(known, ruling, rules, now)
    view = show(replace(known, decision=decision), rules.max_related) if decision.published else {}
    decision = replace(decision, shown=digest(view) if view else "")
    if known.decision and _basis(known.decision) == _basis(decision):
        return None
    publication = _publication(known, decision, view)
    if publication:
        decision = replace(decision, revision=publication.revision, latest=publication)
    return Verdict(decision, KEEP_WAITING, publication)


def unaware(known: Known) -> list[str]:
    """The relatives that were decided when this article held the lead and now doesn't, or the other way round."""
    article_id = known.article.id
    leads = _leads(article_id, known.decision)
    return [
        linked.article.id
        for linked in known.relatives
        if linked.decision and (article_id in linked.decision.inputs["holders"]) != leads
    ]


def _leads(article_id: str, decision: Decision | None) -> bool:
    return decision is not None and decision.lead == article_id


def contender(stored: StoredArticle, decision: Decision | None) -> Contender:
    article = stored.article
    return Contender(
        id=stored.id,
        title=article.title,
        quality=article.quality or 0,
        published_at=article.published_date_time,
        leads=_leads(stored.id, decision),
    )


def _decision(known: Known, ruling: Ruling, rules: Rules, now: datetime) -> Decision:
    before = known.decision
    return Decision(
        article_id=known.article.id,
        stamp=before.stamp + 1 if before else 1,
        version=known.article.version,
        revision=before.revision if before else 0,
        published=ruling.published,
        heat=ruling.heat,
        lead=ruling.lead,
        reason=ruling.reason,
        rules=asdict(rules),
        inputs=ruling.inputs,
        decided_at=now,
        latest=before.latest if before else None,
    )


def _basis(decision: Decision) -> tuple[Any, ...]:
    """What makes a decision another one. Not its sentence: a lead stays *lost* when it is looked at again."""
    return (
        decision.version,
        decision.published,
        decision.heat,
        decision.lead,
        decision.shown,
        dict(decision.rules),
        dict(decision.inputs),
    )


def _publication(known: Known, decision: Decision, view: dict[str, Any]) -> Publication | None:
    """The next revision, if what consumers see changes."""
    before = known.decision
    was_published = before is not None and before.published
    revision = decision.revision + 1
    if decision.published:
        if before and before.shown == decision.shown:
            return None
        data = _json(view | {"revision": revision})
        kind: Literal["published", "updated"] = "updated" if was_published else "published"
        return Publication(decision.article_id, revision, kind, decision.decided_at, data)
    if was_published:
        data = _json(_farewell(known, decision, revision))
        return Publication(decision.article_id, revision, "retracted", decision.decided_at, data)
    return None


def _farewell(known: Known, decision: Decision, revision: int) -> dict[str, Any]:
    """What a retraction says. *successor* is the article that now stands for the story, if there is one."""
    article = known.article.article
    return {
        "id": decision.article_id,
        "revision": revision,
        "reason": decision.reason,
        "successor": None if decision.lead == decision.article_id else decision.lead,
        "webUrl": address(article),
        "title": article.title,
    }


def digest(view: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of what consumers see, its revision aside."""
    seen = {name: value for name, value in view.items() if name != "revision"}
    return hashlib.sha256(
        json.dumps(seen, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def _json(data: Mapping[str, Any]) -> bytes:
    """Not orjson, which refuses whole numbers beyond 64 bits: a seed's unknown fields may have them."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
