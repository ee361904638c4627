"""The keys that an article requires at this moment. Pure.

They are its pictures, and, if none of them can be had, its page and the pictures that the page
names, one after the other.
"""

from collections.abc import Mapping, Sequence

from services.enrichment.images.fetching.fetch_keys import page_key
from shared.article import Article
from shared.store import Picture
from shared.views.article_images import KnownImages, lacks_picture, page_url


def picture_urls(article: Article) -> list[str]:
    """The pictures that the seed names. A provider's logo is not ours to fetch."""
    return list(dict.fromkeys(image.url for image in article.images))


def required_keys(article: Article, known: KnownImages) -> list[str]:
    """Everything that the article waits for or has, as far as the *known* outcomes lead.

    To be asked again once more is known.
    """
    named = picture_urls(article)
    url = page_url(article)
    if url is None or not lacks_picture(article, known.pictures):
        return named
    page = known.pages.get(url)
    attempted = _attempted_pictures(page.images, known.pictures) if page else []
    return list(dict.fromkeys([*named, page_key(url), *attempted]))


def _attempted_pictures(urls: Sequence[str], pictures: Mapping[str, Picture]) -> list[str]:
    """The page's pictures up to the first that is cached or has no outcome yet."""
    attempted: list[str] = []
    for url in urls:
        attempted.append(url)
        if url not in pictures or pictures[url].state == "cached":
            break
    return attempted
