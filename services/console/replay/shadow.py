"""A shadow: a copy of what the store knows, in a SQLite file of its own, on which other rules are tried.

The copy is brought through exactly what a promotion brings the live store through: every article is placed and marked
anew, then the services' own handlers settle and decide. Nothing of the live state is touched.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from services.console.replay.diff import State
from services.console.replay.dry_run import Rehearsal, Report
from services.enrichment.related.handlers import Related
from services.enrichment.related.main import related as wired_related
from services.enrichment.related.settings import RelatedSettings
from services.publishing.main import wired as wired_publishing
from services.publishing.settings import PublishingSettings
from shared.clock import now
from shared.store import Move, Save, Store, StoredArticle, Verdict

PAGE = 500


async def rehearse(
    live: Store, shadow: Store, rules: Mapping[str, str], progress: Report
) -> tuple[State, State]:
    """Copy *live* into the empty *shadow* and work on there by *rules*; returns the state before and after.

    *rules* are settings by name; all others are as the environment has them.
    """
    await copy(live, shadow, progress)
    before = await state(shadow)
    related = wired_related(RelatedSettings(**_of(RelatedSettings, rules)))  # type: ignore[arg-type]
    publishing = wired_publishing(PublishingSettings(**_of(PublishingSettings, rules)))  # type: ignore[arg-type]
    await judge_anew(shadow, related, progress)
    await Rehearsal(shadow, related, publishing, progress).settle()
    return before, await state(shadow)


async def judge_anew(store: Store, related: Related, progress: Report) -> int:
    """Place every article anew and mark it, so that it is settled and decided again; returns how many there are.

    Workers may be at it at the same time. Raises StoreAway, and may then be repeated.
    """
    total = (await store.articles.counts())["articles"]
    done = 0
    async for page in pages(store):
        await related.place(page, store)
        ids = [article.id for article in page]
        await store.articles.reopen("related", ids)
        await store.relations.unsettle(ids, now())
        done += len(page)
        progress("placing", done, total)
    return done


async def copy(live: Store, shadow: Store, progress: Report) -> None:
    """All that linking and publishing look at. Pictures come without their bytes."""
    total = (await live.articles.counts())["articles"]
    done = 0
    async for page in pages(live):
        await _copy_articles(page, live, shadow)
        done += len(page)
        progress("copying", done, total)
    await _copy_stories(live, shadow)
    after = ""
    while words := await live.instructions.page(after):
        for word in words:
            await shadow.instructions.save(word)
        after = words[-1].id
    after = ""
    while pictures := await live.pictures.page(after):
        for picture in pictures:
            await shadow.pictures.save(picture)
        after = pictures[-1].url


async def state(store: Store) -> State:
    """The state of *store* now."""
    titles: dict[str, str] = {}
    leads: dict[str, str] = {}
    heat: dict[str, int] = {}
    published: set[str] = set()
    async for page in pages(store):
        titles |= {article.id: article.article.title for article in page}
        for article_id, decision in (
            await store.decisions.get([article.id for article in page])
        ).items():
            leads[article_id], heat[article_id] = decision.lead, decision.heat
            published |= {article_id} if decision.published else set()
    stories: dict[str, set[str]] = {}
    for article_id, story in (await store.stories.of(titles)).items():
        stories.setdefault(story, set()).add(article_id)
    several = {story: frozenset(members) for story, members in stories.items() if len(members) > 1}
    return State(titles, several, leads, frozenset(published), heat)


async def pages(store: Store) -> AsyncIterator[list[StoredArticle]]:
    after = ""
    while page := await store.articles.page(after, PAGE):
        yield page
        after = page[-1].id


async def _copy_articles(page: list[StoredArticle], live: Store, shadow: Store) -> None:
    ids = [article.id for article in page]
    await shadow.articles.save([Save(article, 0) for article in page])
    versions = {article.id: article.version for article in page}
    await shadow.articles.announced(versions)
    await shadow.articles.enriched("images", versions, ())
    await shadow.articles.enriched("related", versions, ())
    await shadow.relations.save([*(await live.relations.get(ids)).values()])
    await shadow.relations.amend(await live.relations.near(ids))
    await shadow.relations.relate(
        [link for links in (await live.relations.links(ids)).values() for link in links]
    )
    standing = await live.stories.of(ids)
    await shadow.stories.move(
        [Move(article_id, "", story) for article_id, story in standing.items()]
    )
    decisions = (await live.decisions.get(ids)).values()
    await shadow.decisions.save([Verdict(replace(one, stamp=1), 1) for one in decisions])


async def _copy_stories(live: Store, shadow: Store) -> None:
    after = ""
    while stories := await live.stories.page(after, PAGE):
        await shadow.stories.save([replace(story, version=1, latest=None) for story in stories])
        after = stories[-1].id


def _of(
    kind: type[RelatedSettings] | type[PublishingSettings], rules: Mapping[str, str]
) -> dict[str, str]:
    return {name: value for name, value in rules.items() if name in kind.model_fields}
