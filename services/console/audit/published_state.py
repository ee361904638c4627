"""One article's published state: what the log and the state topic tell consumers against what the store knows. Pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from services.console.audit.breaches import Breach, Place, Promise, kept_in
from services.console.audit.published_log import Announcement, Chain, digest_of, ranges
from services.console.audit.repair_actions import Redecide, Resend, Restore, Wake
from shared.broker.topics import PUBLISHED_LOG, PUBLISHED_STATE
from shared.events.catalogue import publication
from shared.store import Decision, Publication, StoredArticle

DECISIONS = kept_in("decisions")
NO_REVISION = Place(topic=PUBLISHED_LOG)


@dataclass(frozen=True)
class Told:
    """What the topics say of one article, and how much of that can be relied on.

    *marked*: the revision its state had when the store began to be read. *born_here*: the article came in through
    this very cluster, so that its log begins with revision 1. *horizon*: what was announced before that may be gone.
    """

    chain: Chain | None = None
    state: Announcement | None = None
    marked: int = 0
    born_here: bool = True
    horizon: datetime | None = None

    @property
    def may_lack_head(self) -> bool:
        return not self.born_here or self.horizon is not None

    def may_be_gone(self, item: Publication) -> bool:
        return self.horizon is not None and item.at < self.horizon


def born_in(cluster: str, article: StoredArticle) -> bool:
    """Whether the drop that made this article is known to be of this cluster."""
    first = article.taken[0] if article.taken else None
    return (
        first is not None and first.status == "accepted" and first.source.startswith(f"{cluster}/")
    )


def judge(
    article_id: str, decision: Decision | None, due: Collection[Publication], told: Told
) -> Iterator[Breach]:
    """What does not hold. What is *due* and not there is pending."""
    yield from _never_saved(article_id, decision, told)
    latest = decision.latest if decision else None
    if latest is None or decision is None:
        return
    waits = {item.revision for item in due}
    wake = Wake(article_id, f"{article_id}.r{latest.revision}")
    found = [*_in_the_log(latest, told), *_in_the_state(latest, told), *_gaps(latest, waits, told)]
    for breach in found:
        is_due = latest.revision in waits and breach.promise in (Promise.ANNOUNCED, Promise.STATE)
        yield replace(breach, pending=True, mend=wake) if is_due or breach.pending else breach
    if waits and not found:
        sentence = f"revision {ranges(waits)} was announced, and is still noted as due"
        yield Breach(Promise.ANNOUNCED, article_id, sentence, DECISIONS, wake, pending=True)
    yield from _agreement(decision, latest)


def _never_saved(article_id: str, decision: Decision | None, told: Told) -> Iterator[Breach]:
    """Only what was read before the store counts: the rest may have been saved since."""
    saved = decision.revision if decision else 0
    chain, state = told.chain, told.state
    knows = f"the store knows {saved or 'none'}" if decision else "the store has no decision for it"
    if chain and chain.marked > saved:
        sentence = f"revision {chain.marked} was announced, but {knows}"
        restore = None if decision else Restore(article_id, chain.last)
        yield Breach(Promise.SAVED, article_id, sentence, chain.newest.where, restore)
    if state and told.marked > saved:
        sentence = f"the latest state is revision {state.revision}, but {knows}"
        yield Breach(Promise.SAVED, article_id, sentence, state.where)


def _in_the_log(latest: Publication, told: Told) -> Iterator[Breach]:
    article_id, chain = latest.article_id, told.chain
    if told.may_be_gone(latest):
        return
    there = chain.digest(latest.revision) if chain else None
    if there is None:
        sentence = (
            f"revision {latest.revision} ({latest.kind}) was saved, but is not in {PUBLISHED_LOG}"
        )
        yield Breach(
            Promise.ANNOUNCED, article_id, sentence, DECISIONS, Resend(latest, (PUBLISHED_LOG,))
        )
    elif chain and there != digest_of(publication(latest)[0]):
        sentence = (
            f"revision {latest.revision} has other bytes in {PUBLISHED_LOG} than in the store"
        )
        where = chain.newest.where if chain.newest.revision == latest.revision else NO_REVISION
        yield Breach(Promise.LOG, article_id, sentence, where)


def _in_the_state(latest: Publication, told: Told) -> Iterator[Breach]:
    state = told.state
    if state is None:
        if latest.kind == "retracted":
            return  # a tombstone is forgotten after a while
        fault, where = (
            f"nothing is in {PUBLISHED_STATE} for it, though revision {latest.revision} is shown",
            DECISIONS,
        )
    elif state.digest == digest_of(publication(latest)[1]) or state.revision > latest.revision:
        return  # a newer one: judged as never saved, or saved since
    elif latest.kind == "retracted":
        fault, where = (
            f"it was retracted, but {PUBLISHED_STATE} has {_said(state)}, no tombstone",
            state.where,
        )
    else:
        fault = f"{PUBLISHED_STATE} ends with {_said(state)}, not with revision {latest.revision} as it was saved"
        where = state.where
    yield Breach(Promise.STATE, latest.article_id, fault, where, Resend(latest, (PUBLISHED_STATE,)))


def _said(state: Announcement) -> str:
    return f"{'the tombstone of ' if state.tombstone else ''}revision {state.revision}"


def _gaps(latest: Publication, waits: Collection[int], told: Told) -> Iterator[Breach]:
    """Revisions below the latest that are not in the log. The store no longer has them, unless they are due."""
    chain = told.chain
    first, last = (chain.first, chain.last) if chain else (latest.revision, latest.revision)
    start = first if told.may_lack_head else 1
    missing = [
        *range(start, first),
        *(chain.holes() if chain else ()),
        *range(last + 1, latest.revision),
    ]
    where = chain.newest.where if chain else NO_REVISION
    for some, pending in (({*missing} - {*waits}, False), ({*missing} & {*waits}, True)):
        if some:
            sentence = f"revision {ranges(some)} is missing in {PUBLISHED_LOG}"
            yield Breach(Promise.GAPLESS, latest.article_id, sentence, where, pending=pending)


def _agreement(decision: Decision, latest: Publication) -> Iterable[Breach]:
    """The decision and its latest publication tell one story."""
    faults = []
    if decision.revision != latest.revision:
        faults.append(
            f"its decision says revision {decision.revision}, its latest publication {latest.revision}"
        )
    if decision.published != (latest.kind != "retracted"):
        faults.append(
            f"its latest publication is {latest.kind}, but published is {decision.published}"
        )
    anew = Redecide(decision.article_id, f"{decision.article_id}.v{decision.version}")
    return [Breach(Promise.STORE, decision.article_id, fault, DECISIONS, anew) for fault in faults]
