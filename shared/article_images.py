"""The pictures of articles as they were measured, and what their pages had where the seeds have nothing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic.alias_generators import to_camel

from shared.article import Article, Image, Provider
from shared.article.amp_cache import cached_address
from shared.found import FILLED_IN, found_picture, lacks_picture, page_address
from shared.store import Content, Page, Picture, Store


@dataclass(frozen=True)
class Gallery:
    """What is known of pictures by URL, of their contents by hash, and of articles' pages by URL."""

    pictures: Mapping[str, Picture]
    contents: Mapping[str, Content]
    pages: Mapping[str, Page]

    def page(self, article: Article) -> Page | None:
        return self.pages.get(page_address(article) or "")


async def gallery_of(articles: Collection[Article], store: Store) -> Gallery:
    """All that these articles show; pages are looked up for those without a picture of their own alone."""
    pictures = await store.pictures.get({url for article in articles for url in _urls(article)})
    lacking = {
        page_address(article) for article in articles if lacks_picture(article, pictures)
    } - {None}
    pages = await store.pages.get([url for url in lacking if url]) if lacking else {}
    found = {url for page in pages.values() for url in page.images} - pictures.keys()
    pictures = pictures | (await store.pictures.get(found) if found else {})
    hashes = {picture.sha256 for picture in pictures.values() if picture.state == "cached"}
    return Gallery(pictures, await store.contents.get(hashes) if hashes else {}, pages)


def measured(article: Article, gallery: Gallery) -> Article:
    """*article* with its pictures as measured, and what its page had where the seed has nothing."""
    images = [_image(image, gallery) for image in article.images]
    page = gallery.page(article)
    found = found_picture(article, page, gallery.pictures)
    if found and found not in {image.url for image in images}:
        images.append(_image(Image.model_validate({"url": found, "isFound": True}), gallery))
    changed: dict[str, Any] = {"images": images}
    if article.provider and article.provider.images:
        changed["provider"] = _provider(article.provider, gallery)
    return article.model_copy(update=changed | _amp(article, page))


def _amp(article: Article, page: Page | None) -> dict[str, Any]:
    """The AMP addresses that the seed does not give: found on the page, and where the AMP cache has it."""
    filled: dict[str, Any] = {}
    amp = article.amp_web_url
    if amp is None and page and page.amp_url:
        amp = filled["amp_web_url"] = page.amp_url
    if article.cdn_amp_web_url is None and page and amp and (cached := cached_address(amp)):
        filled["cdn_amp_web_url"] = cached
    names = sorted({*article.filled_in, *map(to_camel, filled)})
    return filled | {FILLED_IN: names} if filled else {}


def _provider(provider: Provider, gallery: Gallery) -> Provider:
    return provider.model_copy(
        update={"images": [_image(image, gallery) for image in provider.images]}
    )


def _image(image: Image, gallery: Gallery) -> Image:
    """Cached and measured, or not cached and of the size that the seed claims."""
    picture = gallery.pictures.get(image.url)
    if picture is None or picture.state != "cached":
        return image.model_copy(update={"is_cached": False})
    measured = {"is_cached": True, "width": picture.width, "height": picture.height}
    return image.model_copy(update=measured | _claimed(image, picture) | _derived(picture, gallery))


def _claimed(image: Image, picture: Picture) -> dict[str, Any]:
    """What the seed says of the size, where that is not what was measured."""
    said = image.model_extra or {}
    claims = {
        "claimedWidth": (image.width, picture.width),
        "claimedHeight": (image.height, picture.height),
    }
    return {
        name: claimed
        for name, (claimed, true) in claims.items()
        if name not in said and claimed is not None and claimed != true
    }


def _derived(picture: Picture, gallery: Gallery) -> dict[str, Any]:
    content = gallery.contents.get(picture.sha256)
    known = {"mediaType": picture.media_type, "sha256": picture.sha256}
    return known | {"blurhash": content.blurhash, "color": content.colour} if content else known


def _urls(article: Article) -> Iterable[str]:
    provided = article.provider.images if article.provider else []
    return (image.url for image in [*article.images, *provided])
