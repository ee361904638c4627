"""One article in the store: decided, shown as it is now, its pictures, relatives and addresses in order. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields

from services.console.audit.breaches import Breach, Promise, kept_in
from services.console.audit.repair_actions import Announce, Mend, Park, Reclaim, Redecide, Wake
from services.publishing.revisions import verdict
from services.publishing.rules import Rules
from shared.article_view import Known
from shared.store import Decision, Link, StoredArticle

ARTICLES, DECISIONS, PARKED = kept_in("articles"), kept_in("decisions"), kept_in("parked")
RELATIONS, ALIASES = kept_in("relations"), kept_in("aliases")
ORDER = ("announcement", "images", "related", "decision")

Parked = Mapping[str, Collection[str]]
"""The URLs that are parked, by the id of their article."""


def decided(known: Known, parked: Parked) -> Iterator[Breach]:
    """Nothing waits, and the decision on the current version is what the rules say now."""
    article, decision = known.article, known.decision
    if article.pending:
        tasks = [task for task in ORDER if task in article.pending]
        sentence = f"version {article.version} waits for: {', '.join(tasks)}"
        yield Breach(Promise.DECIDED, article.id, sentence, ARTICLES, _wake(article), pending=True)
        return
    anew = Redecide(article.id, f"{article.id}.v{article.version}")
    if decision is None:
        yield Breach(
            Promise.DECIDED,
            article.id,
            "nothing is left to do for it, but it has no decision",
            ARTICLES,
            anew,
        )
    elif decision.version != article.version:
        sentence = f"version {article.version} waits for nothing, but version {decision.version} is what was decided"
        yield Breach(Promise.DECIDED, article.id, sentence, DECISIONS, anew)
    elif is_at_rest(known, parked):
        yield from _current(known, decision, anew)


def is_at_rest(known: Known, parked: Parked) -> bool:
    """Whether nothing that its decision looks at is being worked on: itself, its relatives, pictures put aside."""
    near = [known.article, *(linked.article for linked in known.relatives)]
    return not any(one.pending or one.id in parked for one in near)


def rules_of(decision: Decision) -> Rules:
    """The rules that it was made by."""
    names = {field.name for field in fields(Rules)}
    return Rules(**{name: value for name, value in decision.rules.items() if name in names})


def _current(known: Known, decision: Decision, anew: Redecide) -> Iterator[Breach]:
    fresh = verdict(known, rules_of(decision), decision.decided_at)
    if fresh is None:
        return
    if fresh.publication and decision.published:
        what = f"consumers see revision {decision.revision}, but what is to be seen now differs"
    elif fresh.publication:
        what = f"it is not published, but the rules now say: {fresh.decision.reason}"
    else:
        what = f"its decision was made from inputs that are no longer so: {_differences(decision, fresh.decision)}"
    yield Breach(Promise.CURRENT, known.article.id, what, DECISIONS, anew)


def _differences(old: Decision, new: Decision) -> str:
    names = ("version", "published", "heat", "lead", "inputs", "rules", "shown")
    return ", ".join(name for name in names if getattr(old, name) != getattr(new, name))


def _wake(article: StoredArticle) -> Mend:
    if article.pending <= {"decision"}:
        return Wake(article.id, f"{article.id}.v{article.version}")
    return Announce(article.id, article.version)


def led(decision: Decision, stored: Collection[str]) -> Iterator[Breach]:
    """The lead that it names is an article of the store."""
    if decision.lead not in stored:
        sentence = f"its lead {decision.lead} is not in the store"
        mend = Redecide(decision.article_id, f"{decision.article_id}.v{decision.version}")
        yield Breach(Promise.LEAD, decision.article_id, sentence, DECISIONS, mend)


def pictured(known: Known, parked: Parked) -> Iterator[Breach]:
    """Each of its pictures has an outcome or is parked."""
    article = known.article
    if "images" in article.pending:
        return
    for url in dict.fromkeys(image.url for image in article.article.images):
        if url not in known.pictures and url not in parked.get(article.id, ()):
            sentence = f"the picture {url} has no outcome, and nothing is to be done for it"
            yield Breach(Promise.PICTURES, article.id, sentence, PARKED, Park(article.id, url))


def addressed(
    article: StoredArticle, owners: Mapping[str, str], stored: Mapping[str, StoredArticle]
) -> Iterator[Breach]:
    """Each of its aliases is in the ledger: its own, or of another article that lists it too."""
    for alias in article.aliases:
        owner = owners.get(alias)
        if owner is None:
            sentence = f"its address {alias} is not in the ledger"
        elif owner != article.id and (owner not in stored or alias not in stored[owner].aliases):
            sentence = f"its address {alias} resolves to {owner}, which does not list it"
        else:
            continue
        yield Breach(
            Promise.ALIASES,
            article.id,
            sentence,
            ALIASES,
            Reclaim(article.id, article.aliases) if owner is None else None,
        )


def unresolved(
    owners: Mapping[str, str], stored: Mapping[str, StoredArticle]
) -> Iterator[tuple[str, Breach]]:
    """The aliases of the ledger that belong to no stored article, or to one that does not list them."""
    for alias, owner in owners.items():
        if owner not in stored:
            fault = f"{alias} resolves to an article that is not in the store"
        elif alias not in stored[owner].aliases:
            fault = f"{alias} resolves to it, but it does not list that address"
        else:
            continue
        yield alias, Breach(Promise.ALIASES, owner, fault, ALIASES)


def related(
    article_id: str, links: Mapping[str, list[Link]], stored: Collection[str]
) -> Iterator[Breach]:
    """Each of its links joins two stored articles, stands once, and is the same seen from the other side."""
    seen: set[str] = set()
    for link in links.get(article_id, ()):
        other = link.other(article_id)
        if other not in stored:
            fault = "which is not in the store"
        elif link.a >= link.b or other in seen:
            fault = "but not as one pair in order"
        elif link not in links.get(other, ()):
            fault = "but not the other way round"
        else:
            seen.add(other)
            continue
        yield Breach(Promise.RELATIONS, article_id, f"it is related to {other}, {fault}", RELATIONS)
