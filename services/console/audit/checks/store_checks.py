"""Checks of one article in the store: decision, pictures, links, aliases. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields

from services.console.audit.breaches import Breach, Promise, store_place
from services.console.audit.repairs.repair_actions import (
    AnnounceVersion,
    DecideAgain,
    ParkPicture,
    ReclaimAliases,
    RepairAction,
    WakePublishing,
)
from services.publishing.announcing.revisions import plan_decision_write
from services.publishing.deciding.rules import Rules
from shared.store import Decision, Link, StoredArticle
from shared.views.article_snapshot import ArticleSnapshot

ARTICLES = store_place("articles")
DECISIONS = store_place("decisions")
PARKED = store_place("parked")
LINKS = store_place("links")
ALIASES = store_place("aliases")
TASK_ORDER = ("announcement", "images", "related", "decision")

ParkedUrls = Mapping[str, Collection[str]]
"""The URLs of parked work, by the id of their article."""


def check_decision(snapshot: ArticleSnapshot, parked: ParkedUrls) -> Iterator[Breach]:
    """Check that nothing waits, and that the decision on the current version is up to date."""
    article, decision = snapshot.article, snapshot.decision
    if article.pending:
        yield _pending_tasks(article)
        return
    decide_again = DecideAgain(article.id, f"{article.id}.v{article.version}")
    if decision is None:
        sentence = "no task is pending, but it has no decision"
        yield Breach(Promise.DECIDED, article.id, sentence, ARTICLES, decide_again)
    elif decision.version != article.version:
        sentence = (
            f"no task is pending, but the decision is on version {decision.version}, "
            f"not on the current version {article.version}"
        )
        yield Breach(Promise.DECIDED, article.id, sentence, DECISIONS, decide_again)
    elif is_at_rest(snapshot, parked):
        yield from _check_current(snapshot, decision, decide_again)


def _pending_tasks(article: StoredArticle) -> Breach:
    tasks = [task for task in TASK_ORDER if task in article.pending]
    sentence = f"version {article.version} waits for: {', '.join(tasks)}"
    action: RepairAction = AnnounceVersion(article.id, article.version)
    if article.pending <= {"decision"}:
        action = WakePublishing(article.id, f"{article.id}.v{article.version}")
    return Breach(Promise.DECIDED, article.id, sentence, ARTICLES, action, pending=True)


def is_at_rest(snapshot: ArticleSnapshot, parked: ParkedUrls) -> bool:
    """Whether no work is under way on what the decision depends on.

    That is the article itself, its relatives, and their parked pictures.
    """
    articles = [snapshot.article]
    articles += [relative.article for relative in snapshot.relatives]
    return not any(article.pending or article.id in parked for article in articles)


def rules_of(decision: Decision) -> Rules:
    """The rules by which the decision was made."""
    names = {field.name for field in fields(Rules)}
    return Rules(**{name: value for name, value in decision.rules.items() if name in names})


def _check_current(
    snapshot: ArticleSnapshot, decision: Decision, decide_again: DecideAgain
) -> Iterator[Breach]:
    """Check that deciding again, by the same rules, would change nothing."""
    fresh = plan_decision_write(snapshot, rules_of(decision), decision.decided_at)
    if fresh is None:
        return
    if fresh.revision and decision.published:
        sentence = (
            f"consumers see revision {decision.revision}, but the article would look different now"
        )
    elif fresh.revision:
        sentence = f"it is not published, but the rules now say: {fresh.decision.reason}"
    else:
        differences = _list_differences(decision, fresh.decision)
        sentence = f"its decision was made from inputs that have changed: {differences}"
    yield Breach(Promise.CURRENT, snapshot.article.id, sentence, DECISIONS, decide_again)


def _list_differences(old: Decision, new: Decision) -> str:
    names = ("version", "published", "heat", "lead", "inputs", "rules", "shown")
    return ", ".join(name for name in names if getattr(old, name) != getattr(new, name))


def check_lead(decision: Decision, stored: Collection[str]) -> Iterator[Breach]:
    """Check that the lead which the decision names is in the store."""
    if decision.lead not in stored:
        sentence = f"its lead {decision.lead} is not in the store"
        cause = f"{decision.article_id}.v{decision.version}"
        decide_again = DecideAgain(decision.article_id, cause)
        yield Breach(Promise.LEAD, decision.article_id, sentence, DECISIONS, decide_again)


def check_pictures(snapshot: ArticleSnapshot, parked: ParkedUrls) -> Iterator[Breach]:
    """Check that each picture of the article has a fetch outcome or is parked."""
    article = snapshot.article
    if "images" in article.pending:
        return
    parked_urls = parked.get(article.id, ())
    for url in dict.fromkeys(image.url for image in article.article_without_related.images):
        if url not in snapshot.pictures and url not in parked_urls:
            sentence = f"the picture {url} has no outcome, and no work is pending for it"
            action = ParkPicture(article.id, url)
            yield Breach(Promise.PICTURES, article.id, sentence, PARKED, action)


def check_aliases(
    article: StoredArticle, owners: Mapping[str, str], stored: Mapping[str, StoredArticle]
) -> Iterator[Breach]:
    """Check that each alias of the article resolves to it, or to another that lists it too."""
    for alias in article.aliases:
        owner = owners.get(alias)
        if owner is None:
            sentence = f"its alias {alias} resolves to no article"
            reclaim = ReclaimAliases(article.id, article.aliases)
            yield Breach(Promise.ALIASES, article.id, sentence, ALIASES, reclaim)
        elif owner != article.id and not _lists_alias(stored.get(owner), alias):
            sentence = f"its alias {alias} resolves to {owner}, which does not list it"
            yield Breach(Promise.ALIASES, article.id, sentence, ALIASES)


def _lists_alias(article: StoredArticle | None, alias: str) -> bool:
    return article is not None and alias in article.aliases


def find_unresolved(
    owners: Mapping[str, str], stored: Mapping[str, StoredArticle]
) -> dict[str, Breach]:
    """The aliases that resolve to no stored article, or to one that does not list them."""
    breaches: dict[str, Breach] = {}
    for alias, owner in owners.items():
        if owner not in stored:
            sentence = f"the alias {alias} resolves to an article that is not in the store"
            breaches[alias] = Breach(Promise.ALIASES, owner, sentence, ALIASES)
        elif alias not in stored[owner].aliases:
            sentence = f"the alias {alias} resolves to it, but it does not list that alias"
            breaches[alias] = Breach(Promise.ALIASES, owner, sentence, ALIASES)
    return breaches


def check_links(
    article_id: str, links: Mapping[str, list[Link]], stored: Collection[str]
) -> Iterator[Breach]:
    """Check that each link joins two stored articles, once, and is the same from both sides."""
    seen: set[str] = set()
    for link in links.get(article_id, ()):
        other = link.other(article_id)
        if other not in stored:
            fault = "which is not in the store"
        elif link.a >= link.b or other in seen:
            fault = "but not as one ordered pair"
        elif link not in links.get(other, ()):
            fault = "but not the other way round"
        else:
            seen.add(other)
            continue
        sentence = f"it is related to {other}, {fault}"
        yield Breach(Promise.RELATIONS, article_id, sentence, LINKS)
