"""What an article waits for at this moment: its pictures, and, where none of them can be had, its page and what that
names, one after the other. Pure.

A page is asked for under a name of its own, `page:` and its address, and goes the same way as a picture: by its host,
parked when it is slow, remembered when it failed.
"""

from collections.abc import Mapping
from typing import Final

from shared.article import Article
from shared.found import lacks_picture, page_address
from shared.store import Page, Picture

PAGE: Final = "page:"


def named(article: Article) -> list[str]:
    """The pictures that the seed names. A provider's logo is input, and not ours to fetch."""
    return list(dict.fromkeys(image.url for image in article.images))


def wants(
    article: Article, pictures: Mapping[str, Picture], pages: Mapping[str, Page]
) -> list[str]:
    """All that the article waits for or has got, as far as what is known leads; to be asked again when more is."""
    address = page_address(article)
    if address is None or not lacks_picture(article, pictures):
        return named(article)
    found = pages[address].images if address in pages else ()
    return list(dict.fromkeys([*named(article), PAGE + address, *_tried(found, pictures)]))


def _tried(found: tuple[str, ...], pictures: Mapping[str, Picture]) -> list[str]:
    """One picture at a time, until one is kept."""
    for number, url in enumerate(found, 1):
        if url not in pictures or pictures[url].state == "cached":
            return list(found[:number])
    return list(found)
