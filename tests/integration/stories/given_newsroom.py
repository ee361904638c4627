"""A newsroom in this process whose seeds give the relations."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.console.replay.offline_pipeline import OfflinePipeline
from services.enrichment.related.given.handlers import GivenRelationsHandler
from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.publishing.deciding.reconciler import Reconciler
from services.publishing.deciding.rules import Rules
from services.publishing.handlers import PublishingHandler
from shared.article import collect_aliases, parse_seed, render_seed
from shared.clock import now
from shared.store import AliasClaim, ArticleWrite, Store, StoredArticle

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
SITE_RULES = Rules(heat_per_relative=20, margin=0)


class GivenNewsroom:
    def __init__(self, store: Store, rules: Rules = SITE_RULES) -> None:
        self.store = store
        self.related = build_handler(RelatedSettings(related="given"))
        assert isinstance(self.related, GivenRelationsHandler)
        publishing = PublishingHandler(Reconciler(rules, now), now, 30)
        self.pipeline = OfflinePipeline(store, self.related, publishing)

    async def drop(self, name: str, quality: int, *listed: str, minutes: int = 0) -> None:
        """Bring an article, or a new version of it, through every stage."""
        seed = build_seed(name, quality, listed, minutes)
        await self.drop_seeds([(name, seed)])

    async def drop_seeds(self, seeds: Sequence[tuple[str, bytes]]) -> None:
        """Bring these articles through every stage, in one batch."""
        await self.pipeline.process(await self.save(seeds))

    async def save(self, seeds: Sequence[tuple[str, bytes]]) -> list[StoredArticle]:
        """Save the articles as ingest does, and nothing more."""
        known = await self.store.articles.get([name for name, _ in seeds])
        claims: list[AliasClaim] = []
        writes: list[ArticleWrite] = []
        for name, seed in seeds:
            article = parse_seed(seed)
            version = known[name].version if name in known else 0
            at = article.published_date_time
            aliases = collect_aliases(article)
            claims.append(AliasClaim(name, aliases))
            stored = StoredArticle(name, render_seed(article), version + 1, aliases, at, at)
            writes.append(ArticleWrite(stored, version))
        await self.store.articles.claim_aliases(claims)
        assert all(await self.store.articles.save(writes))
        return [write.article for write in writes]

    async def relatives_of(self, name: str) -> set[str]:
        links = await self.store.links.get([name])
        return {link.other(name) for link in links[name]}

    async def heat_of(self, *names: str) -> list[int]:
        decisions = await self.store.decisions.get(names)
        return [decisions[name].heat for name in names]

    async def stories(self) -> list[set[str]]:
        """The members of each story of two articles or more."""
        stories = await self.store.stories.list_page()
        return [{*story.members} for story in stories if len(story.members) > 1]


def build_seed(name: str, quality: int, listed: Sequence[str], minutes: int = 0) -> bytes:
    at = MORNING + timedelta(minutes=minutes)
    lines = [
        "---",
        f'title: "Title of {name}"',
        f"publishedDateTime: {at:%Y-%m-%dT%H:%M:%SZ}",
        f'webUrl: "https://{name}.example/story"',
        f"quality: {quality}",
    ]
    if listed:
        lines.append("related:")
    for other in listed:
        # Not written as the other writes it: relations go by what a URL means.
        lines.append(f'  - title: "{other}"')
        lines.append(f'    webUrl: "https://www.{other}.example/story/?utm_source=x"')
    return "\n".join([*lines, "---", ""]).encode()
