"""Which of two related articles outranks the other. Pure.

The article of higher quality outranks the other; of equal quality the earlier one, then the one
with the smaller id. But an article that holds the lead keeps it unless a challenger is better by
the margin.

Of two related articles exactly one outranks the other. Decisions that several processes make one by
one therefore agree as soon as each process has seen the others' last decisions. And they converge:
an article with a better relative can lose the lead but never gain it, an article without one can
gain the lead but never lose it.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from services.publishing.deciding.rules import Rules
from shared.budgets import MAX_QUOTED_TITLE_CHARACTERS, cut_text
from shared.store import Decision, StoredArticle
from shared.trace_context import TraceContext


@dataclass(frozen=True)
class Contender:
    """An article that competes with its relatives for the lead."""

    id: str
    title: str  # cut to a length that a reason can quote
    quality: int  # 0 if the seed gives none
    published_at: datetime
    is_lead: bool = False  # by the decision that is stored now
    version: int = 1
    trace: TraceContext | None = None  # of the drop that gave it this version
    changed_at: datetime | None = None  # when that was

    @cached_property
    def ranking_key(self) -> tuple[int, datetime, str]:
        """Sorts the best first, as `shared.views.article_snapshot.ranking_key` does."""
        return -self.quality, self.published_at, self.id


def build_contender(stored: StoredArticle, decision: Decision | None) -> Contender:
    """*decision* is the stored decision about the article, if there is one."""
    article = stored.article_without_related
    return Contender(
        id=stored.id,
        title=cut_text(article.title, MAX_QUOTED_TITLE_CHARACTERS),
        quality=article.quality or 0,
        published_at=article.published_date_time,
        is_lead=is_lead(stored.id, decision),
        version=stored.version,
        trace=stored.trace,
        changed_at=stored.changed_at,
    )


def is_lead(article_id: str, decision: Decision | None) -> bool:
    """Whether the article holds the lead by this decision about it."""
    return decision is not None and decision.lead == article_id


def outranks(a: Contender, b: Contender, rules: Rules) -> bool:
    """Whether *a* outranks *b*, its relative. Exactly one of the two outranks the other."""
    if a.is_lead and not b.is_lead:
        return not _takes_lead(b, a, rules)
    if b.is_lead and not a.is_lead:
        return _takes_lead(a, b, rules)
    return a.ranking_key < b.ranking_key


def _takes_lead(challenger: Contender, holder: Contender, rules: Rules) -> bool:
    is_better = challenger.ranking_key < holder.ranking_key
    return is_better and challenger.quality - holder.quality >= rules.margin
