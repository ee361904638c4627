"""What the publishing rules see of an article."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from shared.budgets import MAX_QUOTED_TITLE_CHARACTERS, cut_text
from shared.store import Decision, StoredArticle


@dataclass(frozen=True)
class Contender:
    """An article that competes with its relatives for the lead."""

    id: str
    title: str  # cut to a length that a reason can quote
    quality: int  # 0 if the seed gives none
    published_at: datetime
    is_lead: bool = False  # by the decision that is stored now
    version: int = 1

    @cached_property
    def ranking_key(self) -> tuple[int, datetime, str]:
        """Sorts the best first, as `shared.article_snapshot.ranking_key` does."""
        return -self.quality, self.published_at, self.id


def build_contender(stored: StoredArticle, decision: Decision | None) -> Contender:
    """*decision* is the stored decision about the article, if there is one."""
    article = stored.article
    return Contender(
        id=stored.id,
        title=cut_text(article.title, MAX_QUOTED_TITLE_CHARACTERS),
        quality=article.quality or 0,
        published_at=article.published_date_time,
        is_lead=is_lead(stored.id, decision),
        version=stored.version,
    )


def is_lead(article_id: str, decision: Decision | None) -> bool:
    """Whether the article holds the lead by this decision about it."""
    return decision is not None and decision.lead == article_id
