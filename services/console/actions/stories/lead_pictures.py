"""The picture that stands for an article in a list: the first of its pictures that is kept."""

from collections.abc import Collection
from dataclasses import dataclass

from services.console.actions.articles.readable_articles import find_problem
from shared.article import Article
from shared.store import Store
from shared.views.article_images import KnownImages, fill_in_images, load_outcomes


@dataclass(frozen=True)
class LeadPicture:
    """A kept picture: the name of its bytes, its measured size in pixels, and what it shows."""

    sha256: str
    width: int
    height: int
    title: str


async def load_lead_pictures(store: Store, ids: Collection[str]) -> dict[str, LeadPicture]:
    """The pictures of these articles by id; those without one are left out."""
    stored = await store.articles.get(ids)
    readable = [article for article in stored.values() if not find_problem(article)]
    articles = {article.id: article.article_without_related for article in readable}
    known = await load_outcomes([*articles.values()], store)
    pictures: dict[str, LeadPicture] = {}
    for article_id, article in articles.items():
        picture = choose_lead_picture(article, known)
        if picture is not None:
            pictures[article_id] = picture
    return pictures


def choose_lead_picture(article: Article, known: KnownImages) -> LeadPicture | None:
    """The first picture of the article that is kept, given or found on its page."""
    for image in fill_in_images(article, known).images:
        picture = known.pictures.get(image.url)
        if picture is not None and picture.state == "cached":
            return LeadPicture(picture.sha256, picture.width, picture.height, image.title or "")
    return None
