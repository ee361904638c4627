"""The images of articles: what the store knows of them, and how they complete what the seed says.

A picture from the article's page stands in only where the seed names no picture that can be
fetched.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pydantic.alias_generators import to_camel

from shared.article import Article, Image, Provider
from shared.article.identity.amp_cache import amp_cache_url
from shared.store import Content, Picture, Store, WebPage

FILLED_IN: Final = "filledIn"
"""The field that names the fields which the seed did not give: found on the page, not given."""


@dataclass(frozen=True)
class KnownImages:
    """What the store knows: pictures by URL, their contents by SHA-256, articles' pages by URL."""

    pictures: Mapping[str, Picture]
    contents: Mapping[str, Content] = field(default_factory=dict)
    pages: Mapping[str, WebPage] = field(default_factory=dict)

    def page_of(self, article: Article) -> WebPage | None:
        return self.pages.get(page_url(article) or "")


async def load_images(articles: Collection[Article], store: Store) -> KnownImages:
    """Everything that these articles show, contents included: four store calls at the most."""
    known = await load_outcomes(articles, store)
    pictures = known.pictures.values()
    hashes = {picture.sha256 for picture in pictures if picture.state == "cached"}
    if not hashes:
        return known
    return replace(known, contents=await store.contents.get(hashes))


async def load_outcomes(
    articles: Collection[Article], store: Store, *, with_pages: bool = True
) -> KnownImages:
    """The outcomes of all that these articles name, and of what their pages name; no contents.

    Only the pages of articles that lack a picture of their own are looked up, and none unless
    *with_pages*. Three store calls at the most.
    """
    urls = {url for article in articles for url in _image_urls(article)}
    pictures = await store.pictures.get(urls)
    pages = await _load_pages(articles, pictures, store) if with_pages else {}
    page_pictures = {url for page in pages.values() for url in page.images}
    unknown = page_pictures - pictures.keys()
    if unknown:
        pictures = pictures | await store.pictures.get(unknown)
    return KnownImages(pictures, pages=pages)


def page_url(article: Article) -> str | None:
    """The URL of the page that may be read for a picture of the article."""
    return article.web_url or article.original_url


def lacks_picture(article: Article, pictures: Mapping[str, Picture]) -> bool:
    """Whether the seed names no picture, or only pictures that failed for good."""
    outcomes = [pictures.get(image.url) for image in article.images]
    return all(outcome is not None and outcome.state == "failed" for outcome in outcomes)


def select_page_picture(
    article: Article, page: WebPage | None, pictures: Mapping[str, Picture]
) -> str | None:
    """The URL of the page's picture that stands in: the first cached one, else the first without
    an outcome. None if there is neither, or if the seed's own pictures can still be fetched."""
    if page is None or not lacks_picture(article, pictures):
        return None
    undecided: str | None = None
    for url in page.images:
        picture = pictures.get(url)
        if picture is None:
            undecided = undecided or url
        elif picture.state == "cached":
            return url
    return undecided


def fill_in_images(article: Article, known: KnownImages) -> Article:
    """*article* with measured images, and with what its page has where the seed has nothing."""
    page = known.page_of(article)
    images = [_fill_in_image(image, known) for image in article.images]
    found = select_page_picture(article, page, known.pictures)
    if found and found not in {image.url for image in images}:
        found_image = Image.model_validate({"url": found, "isFound": True})
        images.append(_fill_in_image(found_image, known))
    changes: dict[str, Any] = {"images": images}
    if article.provider and article.provider.images:
        changes["provider"] = _fill_in_provider(article.provider, known)
    return article.model_copy(update=changes | _missing_amp_urls(article, page))


async def _load_pages(
    articles: Collection[Article], pictures: Mapping[str, Picture], store: Store
) -> dict[str, WebPage]:
    lacking = [article for article in articles if lacks_picture(article, pictures)]
    urls = {url for url in map(page_url, lacking) if url}
    return await store.web_pages.get(urls) if urls else {}


def _missing_amp_urls(article: Article, page: WebPage | None) -> dict[str, Any]:
    """The AMP URLs that the seed does not give: of the page's twin, and of its cached copy."""
    if page is None:
        return {}
    missing: dict[str, Any] = {}
    amp_url = article.amp_web_url
    if amp_url is None and page.amp_url:
        amp_url = missing["amp_web_url"] = page.amp_url
    if amp_url and article.cdn_amp_web_url is None and (cached_url := amp_cache_url(amp_url)):
        missing["cdn_amp_web_url"] = cached_url
    if not missing:
        return {}
    return missing | {FILLED_IN: sorted({*article.filled_in, *map(to_camel, missing)})}


def _fill_in_provider(provider: Provider, known: KnownImages) -> Provider:
    images = [_fill_in_image(image, known) for image in provider.images]
    return provider.model_copy(update={"images": images})


def _fill_in_image(image: Image, known: KnownImages) -> Image:
    """Cached and of the measured size, or not cached and of the size that the seed claims."""
    picture = known.pictures.get(image.url)
    if picture is None or picture.state != "cached":
        return image.model_copy(update={"is_cached": False})
    measured = {"is_cached": True, "width": picture.width, "height": picture.height}
    described = _describe(picture, known.contents.get(picture.sha256))
    return image.model_copy(update=measured | _false_claims(image, picture) | described)


def _false_claims(image: Image, picture: Picture) -> dict[str, Any]:
    """What the seed claims of the size, where the measured size differs."""
    sizes = [
        ("claimedWidth", image.width, picture.width),
        ("claimedHeight", image.height, picture.height),
    ]
    given = image.model_extra or {}
    claims: dict[str, Any] = {}
    for name, claimed, measured in sizes:
        if name not in given and claimed is not None and claimed != measured:
            claims[name] = claimed
    return claims


def _describe(picture: Picture, content: Content | None) -> dict[str, Any]:
    described = {"mediaType": picture.media_type, "sha256": picture.sha256}
    if content is None:
        return described
    return described | {"blurhash": content.blurhash, "color": content.colour}


def _image_urls(article: Article) -> list[str]:
    """What the article shows: its pictures, and its provider's."""
    provided = article.provider.images if article.provider else []
    return [image.url for image in [*article.images, *provided]]
