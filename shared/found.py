"""What was found on an article's page, and when it counts: only where the seed has no picture that can be had. Pure."""

from collections.abc import Mapping
from typing import Final

from shared.article import Article
from shared.store.ports.pages import Page
from shared.store.ports.pictures import Picture

FILLED_IN: Final = "filledIn"
"""The field that names the fields which the seed did not give: found, not given."""


def page_address(article: Article) -> str | None:
    """The page of the article that may be read for a picture."""
    return article.web_url or article.original_url


def lacks_picture(article: Article, pictures: Mapping[str, Picture]) -> bool:
    """Whether the seed names no picture, or only such as failed for good."""
    return all(
        image.url in pictures and pictures[image.url].state == "failed" for image in article.images
    )


def found_picture(
    article: Article, page: Page | None, pictures: Mapping[str, Picture]
) -> str | None:
    """The address of the picture that stands in: the first that is kept, or may still be; None if there is none."""
    if page is None or not lacks_picture(article, pictures):
        return None
    states = {url: pictures[url].state for url in page.images if url in pictures}
    kept = [url for url in page.images if states.get(url) == "cached"]
    open_still = [url for url in page.images if url not in states]
    return next(iter([*kept, *open_still]), None)
