"""A contact sheet: a grid of cards, one for each image, drawn with Pillow and its own font."""

import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fast_blurhash import decode
from PIL import Image, ImageDraw, ImageFont

from shared.errors import SettingsError
from shared.store import Content

COLUMNS: Final = 4

# Pixels
CARD_WIDTH: Final = 340
PICTURE_HEIGHT: Final = 192
CAPTION_HEIGHT: Final = 132
CARD_HEIGHT: Final = PICTURE_HEIGHT + CAPTION_HEIGHT
GAP: Final = 20
HEADER_HEIGHT: Final = 76

BACKGROUND, PAPER, TEXT = "#f4f3ef", "#ffffff", "#1d1d1f"
GREY, RED = "#6d6d72", "#b3261e"
NO_PICTURE: Final = "#dedcd6"
TITLE_FONT: Final = ImageFont.load_default(size=15)
SMALL_FONT: Final = ImageFont.load_default(size=12.5)
HEADER_FONT: Final = ImageFont.load_default(size=26)


@dataclass(frozen=True)
class Card:
    """One image: the bytes *content* to draw it from, if there are any."""

    title: str
    state: str
    details: tuple[str, ...]
    is_kept: bool
    content: bytes | None = None
    colour: str = ""
    blurhash: str = ""


def build_kept_card(
    article: Mapping[str, Any],
    image: Mapping[str, Any],
    drawing: bytes | None,
    content: Content | None,
) -> Card:
    """The card of an image whose bytes are stored; *drawing* are the bytes to draw it from."""
    state = "found on its page, kept" if image.get("isFound") else "kept"
    details = tuple(_describe_size(image, content))
    card = Card(article["title"], state, details, is_kept=True, content=drawing)
    if content is None:
        return card
    return replace(card, colour=content.colour, blurhash=content.blurhash)


def build_failed_card(article: Mapping[str, Any], image: Mapping[str, Any], reason: str) -> Card:
    return Card(article["title"], reason, (image["url"],), is_kept=False)


def save_sheet(cards: Sequence[Card], target: Path) -> None:
    """Write the sheet as a PNG file. Raises SettingsError if the file cannot be written."""
    try:
        draw_sheet(cards).save(target, "PNG")
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot write the contact sheet to {target}: {error}") from error


def draw_sheet(cards: Sequence[Card]) -> Image.Image:
    rows = max(1, -(-len(cards) // COLUMNS))
    width = COLUMNS * (CARD_WIDTH + GAP) + GAP
    height = HEADER_HEIGHT + rows * (CARD_HEIGHT + GAP) + GAP
    sheet = Image.new("RGB", (width, height), BACKGROUND)
    pen = ImageDraw.Draw(sheet)
    _draw_header(pen, cards, width)
    for index, card in enumerate(cards):
        row, column = divmod(index, COLUMNS)
        x = GAP + column * (CARD_WIDTH + GAP)
        y = HEADER_HEIGHT + row * (CARD_HEIGHT + GAP)
        _draw_card(sheet, pen, card, x, y)
    return sheet


def _describe_size(image: Mapping[str, Any], content: Content | None) -> list[str]:
    """Measured size, type and bytes on one line; the size that the seed claims on another."""
    width, height = image["width"], image["height"]
    size = f"{width} x {height}"
    if content:
        size += f"  {_describe_content(content)}"
    details = [size]
    if "claimedWidth" in image or "claimedHeight" in image:
        claimed_width = image.get("claimedWidth", width)
        claimed_height = image.get("claimedHeight", height)
        details.append(f"the seed claimed {claimed_width} x {claimed_height}")
    return details


def _describe_content(content: Content) -> str:
    media_type = content.media_type.removeprefix("image/")
    frames = f", {content.frames} frames" if content.frames > 1 else ""
    return f"{media_type}, {content.size / 1000:,.0f} kB{frames}"


def _draw_header(pen: ImageDraw.ImageDraw, cards: Sequence[Card], width: int) -> None:
    kept = sum(card.is_kept for card in cards)
    pen.text((GAP, GAP), f"{kept} pictures kept, {len(cards) - kept} not", TEXT, HEADER_FONT)
    drawn_at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    x = width - GAP - pen.textlength(drawn_at, SMALL_FONT)
    pen.text((x, GAP + 12), drawn_at, GREY, SMALL_FONT)


def _draw_card(sheet: Image.Image, pen: ImageDraw.ImageDraw, card: Card, x: int, y: int) -> None:
    pen.rectangle((x, y, x + CARD_WIDTH, y + CARD_HEIGHT), PAPER)
    _draw_picture(sheet, pen, card, x, y)
    _draw_caption(pen, card, x + 12, y + PICTURE_HEIGHT)
    _draw_swatches(sheet, pen, card, x + CARD_WIDTH - 76, y + PICTURE_HEIGHT + 58)


def _draw_picture(sheet: Image.Image, pen: ImageDraw.ImageDraw, card: Card, x: int, y: int) -> None:
    """The whole picture on its dominant colour; a cross if there is none."""
    right, bottom = x + CARD_WIDTH, y + PICTURE_HEIGHT
    pen.rectangle((x, y, right, bottom), card.colour or NO_PICTURE)
    picture = _decode_picture(card.content)
    if picture is None:
        pen.line((x + 130, y + 60, right - 130, bottom - 60), RED, 5)
        pen.line((right - 130, y + 60, x + 130, bottom - 60), RED, 5)
        return
    picture.thumbnail((CARD_WIDTH, PICTURE_HEIGHT))
    left = x + (CARD_WIDTH - picture.width) // 2
    top = y + (PICTURE_HEIGHT - picture.height) // 2
    sheet.paste(picture, (left, top), picture)


def _decode_picture(content: bytes | None) -> Image.Image | None:
    try:
        with Image.open(io.BytesIO(content or b"")) as opened:
            return opened.convert("RGBA")
    except (OSError, ValueError, SyntaxError):
        return None


def _draw_caption(pen: ImageDraw.ImageDraw, card: Card, x: int, y: int) -> None:
    top = y + 10
    for line in textwrap.wrap(card.title, 42, max_lines=2, placeholder=" …"):
        pen.text((x, top), line, TEXT, TITLE_FONT)
        top += 20
    colour = GREY if card.is_kept else RED
    top = y + 54
    for line in [*card.details, card.state][:4]:
        pen.text((x, top), _shorten_to_width(pen, line, CARD_WIDTH - 96), colour, SMALL_FONT)
        top += 18


def _draw_swatches(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, card: Card, x: int, y: int
) -> None:
    """The placeholder as a web page would show it, and the dominant colour."""
    if card.blurhash:
        blurred = Image.frombytes("RGB", (16, 9), decode(card.blurhash, 16, 9))
        sheet.paste(blurred.resize((64, 36), Image.Resampling.BICUBIC), (x, y))
    if card.colour:
        pen.rectangle((x, y + 40, x + 63, y + 50), card.colour)
        pen.text((x, y + 53), card.colour, GREY, SMALL_FONT)


def _shorten_to_width(pen: ImageDraw.ImageDraw, text: str, width: int) -> str:
    """The text, cut with an ellipsis if it is wider than *width* pixels."""
    if pen.textlength(text, SMALL_FONT) <= width:
        return text
    while text and pen.textlength(f"{text}…", SMALL_FONT) > width:
        text = text[:-1]
    return f"{text}…"
