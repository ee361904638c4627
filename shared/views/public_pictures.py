"""Pictures and providers as consumers see them: what is measured, apart from what is claimed. Pure.

They are built from an article that `fill_in_images` has completed.
"""

from collections.abc import Iterable
from typing import Any, Final

from shared.article import Image, Provider
from shared.events.public.articles import PublicImage, PublicProvider
from shared.events.public.block import remove_unspoken
from shared.store import Content, Picture
from shared.views.article_images import KnownImages

# What an export writes beside the fields of a picture. A seed that has it was exported before, or
# claims it; only `isFound` and the claimed sizes say something about the seed.
_EXPORTED: Final = frozenset({
    "claimedWidth", "claimedHeight", "mediaType", "sha256", "blurhash", "color", "isFound",
})  # fmt: skip
_MAX_PIXELS: Final = 2**31 - 1


def build_public_images(images: Iterable[Image], known: KnownImages) -> list[PublicImage]:
    return [_build_public_image(image, known) for image in images]


def build_public_provider(provider: Provider | None, known: KnownImages) -> PublicProvider | None:
    if provider is None:
        return None
    return PublicProvider(
        name=provider.name,
        domain=provider.domain,
        images=build_public_images(provider.images, known),
        extra=select_extra(provider.model_extra),
    )


def select_extra(unknown: dict[str, Any] | None, ours: Iterable[str] = ()) -> dict[str, Any] | None:
    """The unknown fields without *ours*, nulls and `secured`; None if nothing is left."""
    extra: dict[str, Any] = remove_unspoken(unknown or {})
    for name in ours:
        extra.pop(name, None)
    return extra or None


def _build_public_image(image: Image, known: KnownImages) -> PublicImage:
    picture = known.pictures.get(image.url)
    given = image.model_extra or {}
    measured: dict[str, Any] = {}
    claimed_width, claimed_height = image.width, image.height
    if picture is not None and picture.state == "cached":
        measured = _measure(picture, known.contents.get(picture.sha256))
        # Width and height are the measured ones by now; a claim that differs stands beside them.
        claimed_width = claimed_height = None
    claimed_width = _read_claim(given, "claimedWidth", claimed_width)
    claimed_height = _read_claim(given, "claimedHeight", claimed_height)
    return PublicImage(
        url=image.url,
        is_cached=bool(measured),
        claimed_width=_select_other(claimed_width, measured.get("width")),
        claimed_height=_select_other(claimed_height, measured.get("height")),
        title=image.title,
        attribution=image.attribution,
        is_found=True if given.get("isFound") is True else None,
        extra=select_extra(given, _EXPORTED),
        **measured,
    )


def _select_other(claimed: int | None, measured: int | None) -> int | None:
    """A claim is said only where it differs from what was measured."""
    return None if claimed == measured else claimed


def _measure(picture: Picture, content: Content | None) -> dict[str, Any]:
    measured: dict[str, Any] = {
        "width": picture.width,
        "height": picture.height,
        "media_type": picture.media_type,
        "sha256": picture.sha256,
    }
    if content is not None:
        measured |= {"blurhash": content.blurhash, "color": content.colour}
    return measured


def _read_claim(given: dict[str, Any], name: str, otherwise: int | None) -> int | None:
    """The number of pixels in *given*; *otherwise* if there is no such number."""
    claim = given.get(name)
    if not isinstance(claim, int) or isinstance(claim, bool):
        return otherwise
    return claim if 0 <= claim <= _MAX_PIXELS else otherwise
