"""Requeues every article, so that it is linked and decided again by the rules of today."""

from services.console.progress import ProgressCallback
from services.enrichment.related.stage import RelatedStage
from shared.clock import now
from shared.store import Store, pages


async def requeue_all_articles(
    store: Store, related: RelatedStage, report_progress: ProgressCallback
) -> int:
    """Have every article linked and decided again; return how many there are.

    Computes each article's signature and neighbour list again, reopens its linking task and marks
    its neighbourhood dirty. Workers may run at the same time. Raises StoreUnavailable, and may
    then be repeated.
    """
    total = (await store.articles.counts())["articles"]
    done = 0
    async for page in pages(store.articles.list_page):
        await related.update_neighbours(page, store)
        ids = [article.id for article in page]
        await store.articles.reopen_stage("related", ids)
        await store.neighbourhoods.mark_dirty(ids, now())
        done += len(page)
        report_progress("requeueing", done, total)
    return done
