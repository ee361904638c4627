"""Fills a shadow: the copy of the newsroom on which other rules are tried."""

from dataclasses import replace
from typing import Final

from services.console.progress import ProgressCallback
from services.enrichment.related.neighbours.neighbour_lists import merge_entries
from shared.store import ArticleWrite, DecisionWrite, Store, StoredArticle, StoryMove, pages

STORIES_AT_ONCE: Final = 500


async def copy_newsroom(live: Store, shadow: Store, report_progress: ProgressCallback) -> None:
    """Copy everything that linking and publishing read. Pictures come without their bytes."""
    await _copy_feed(live, shadow)
    total = (await live.articles.counts())["articles"]
    done = 0
    async for page in pages(live.articles.list_page):
        await _copy_articles(page, live, shadow)
        await _copy_relations(page, live, shadow)
        await _copy_decisions(page, live, shadow)
        done += len(page)
        report_progress("copying", done, total)
    await _copy_stories(live, shadow)
    await _copy_overrides(live, shadow)
    await _copy_pictures(live, shadow)


async def _copy_feed(live: Store, shadow: Store) -> None:
    """Copy the statistics of the feed."""
    snapshot = await live.feed.get_snapshot()
    if snapshot:
        await shadow.feed.publish(replace(snapshot, version=1))


async def _copy_articles(page: list[StoredArticle], live: Store, shadow: Store) -> None:
    """Copy the articles with their stories, and no pending task."""
    versions = {article.id: article.version for article in page}
    await shadow.articles.save([ArticleWrite(article, 0) for article in page])
    await shadow.articles.mark_announced(versions)
    await shadow.articles.complete_stage("images", versions)
    await shadow.articles.complete_stage("related", versions)
    stories = await live.stories.get_story_ids(list(versions))
    moves = [StoryMove(article_id, "", story) for article_id, story in stories.items()]
    await shadow.stories.move(moves)


async def _copy_relations(page: list[StoredArticle], live: Store, shadow: Store) -> None:
    """Copy signatures, neighbour lists and links."""
    ids = [article.id for article in page]
    signatures = await live.signatures.get(ids)
    await shadow.signatures.save(list(signatures.values()))
    entries = await live.neighbour_lists.get_entries(ids)
    await shadow.neighbour_lists.update(entries, merge_entries)
    links = []
    for article_links in (await live.links.get(ids)).values():
        links += article_links
    await shadow.links.save(links)


async def _copy_decisions(page: list[StoredArticle], live: Store, shadow: Store) -> None:
    decisions = await live.decisions.get([article.id for article in page])
    writes = []
    for decision in decisions.values():
        writes.append(DecisionWrite(replace(decision, stamp=1), 1))
    await shadow.decisions.save(writes)


async def _copy_stories(live: Store, shadow: Store) -> None:
    async for stories in pages(live.stories.list_page, STORIES_AT_ONCE):
        await shadow.stories.save([replace(story, version=1, latest=None) for story in stories])


async def _copy_overrides(live: Store, shadow: Store) -> None:
    async for overrides in pages(live.overrides.list_page):
        for override in overrides:
            await shadow.overrides.save(override)


async def _copy_pictures(live: Store, shadow: Store) -> None:
    async for pictures in pages(live.pictures.list_page):
        for picture in pictures:
            await shadow.pictures.save(picture)
