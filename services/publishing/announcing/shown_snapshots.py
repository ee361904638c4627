"""What consumers see of published articles: with the best relatives, the pictures and the story."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.publishing.announcing.shown_articles import ShownArticles
from services.publishing.deciding.decision_inputs import Contest
from services.publishing.deciding.ranking import Contender
from shared.store import Store, StoredArticle
from shared.views.article_images import KnownImages, load_images
from shared.views.article_snapshot import ArticleSnapshot, Relative


@dataclass(frozen=True)
class ShownContents:
    """The contents that consumers see, by article, and what the store knows besides them."""

    articles: Mapping[str, StoredArticle]
    images: KnownImages
    story_ids: Mapping[str, str]


NOTHING_SHOWN: Final = ShownContents({}, KnownImages({}), {})


class ShownSnapshots:
    """Loads what is shown, and builds snapshots of it; *shown_articles* keeps the contents."""

    def __init__(self, shown_articles: ShownArticles, max_related: int) -> None:
        self._shown_articles = shown_articles
        self._max_related = max_related

    async def load(self, contests: Sequence[Contest], store: Store) -> ShownContents:
        """What is shown of the articles of these contests and of their relatives."""
        if not contests:
            return NOTHING_SHOWN
        versions: dict[str, int] = {}
        for contest in contests:
            for contender in [contest.contender, *self._best_relatives(contest)]:
                versions[contender.id] = contender.version
        articles = await self._shown_articles.load(versions, store)
        story_ids = await store.stories.get_story_ids([contest.article.id for contest in contests])
        contents = [stored.article_without_related for stored in articles.values()]
        return ShownContents(articles, await load_images(contents, store), story_ids)

    def build(self, contest: Contest, shown: ShownContents) -> ArticleSnapshot:
        """The article of *contest*, which is among those that are *shown*, with its decision."""
        relatives: list[Relative] = []
        for contender in self._best_relatives(contest):
            link = contest.links[contender.id]
            relatives.append(Relative(shown.articles[contender.id], link.score, pinned=link.pinned))
        return ArticleSnapshot(
            article=shown.articles[contest.article.id],
            relatives=tuple(relatives),
            pictures=shown.images.pictures,
            contents=shown.images.contents,
            pages=shown.images.pages,
            decision=contest.decision,
            in_story=shown.story_ids.get(contest.article.id, ""),
        )

    def _best_relatives(self, contest: Contest) -> Sequence[Contender]:
        return contest.relatives[: self._max_related]
