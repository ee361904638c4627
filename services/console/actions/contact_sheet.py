"""A contact sheet of pictures: a grid of cards, drawn with Pillow and its own font."""

import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from fast_blurhash import decode
from PIL import Image, ImageDraw, ImageFont

from shared.store import Content

COLUMNS: Final = 4
WIDTH, BOX, CAPTION, GAP, HEADER = (
    340,
    192,
    132,
    20,
    76,
)  # pixels of a card, its picture, its text, between, on top
PAPER, INK, FAINT, ALARM, CARD = "#f4f3ef", "#1d1d1f", "#6d6d72", "#b3261e", "#ffffff"
_TITLE, _SMALL, _HEAD = (ImageFont.load_default(size=size) for size in (15, 12.5, 26))


@dataclass(frozen=True)
class Card:
    """One picture: *content* are bytes to draw it from, if it is kept."""

    title: str
    state: str
    details: tuple[str, ...]
    is_kept: bool
    content: bytes | None = None
    colour: str = ""
    blurhash: str = ""


def kept_card(
    article: Mapping[str, Any],
    image: Mapping[str, Any],
    drawn: bytes | None,
    content: Content | None,
) -> Card:
    size = f"{image['width']} x {image['height']}"
    claimed = [
        image.get("claimedWidth", image["width"]),
        image.get("claimedHeight", image["height"]),
    ]
    frames = f", {content.frames} frames" if content and content.frames > 1 else ""
    kind = (
        f"{content.media_type.removeprefix('image/')}, {content.size / 1000:,.0f} kB{frames}"
        if content
        else ""
    )
    details = [f"{size}  {kind}".strip()]
    if "claimedWidth" in image or "claimedHeight" in image:
        details.append(f"the seed claimed {claimed[0]} x {claimed[1]}")
    return Card(
        title=article["title"],
        state="found on its page, kept" if image.get("isFound") else "kept",
        details=tuple(details),
        is_kept=True,
        content=drawn,
        colour=content.colour if content else "",
        blurhash=content.blurhash if content else "",
    )


def failed_card(article: Mapping[str, Any], image: Mapping[str, Any], why: str) -> Card:
    return Card(article["title"], why, (image["url"],), is_kept=False)


def draw(cards: Sequence[Card]) -> Image.Image:
    """The sheet, as wide as COLUMNS cards."""
    rows = max(1, -(-len(cards) // COLUMNS))
    across, down = WIDTH + GAP, BOX + CAPTION + GAP
    sheet = Image.new("RGB", (COLUMNS * across + GAP, HEADER + rows * down + GAP), PAPER)
    pen = ImageDraw.Draw(sheet)
    kept = sum(card.is_kept for card in cards)
    pen.text((GAP, GAP), f"{kept} pictures kept, {len(cards) - kept} not", INK, _HEAD)
    at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    pen.text((sheet.width - GAP - pen.textlength(at, _SMALL), GAP + 12), at, FAINT, _SMALL)
    for number, card in enumerate(cards):
        _draw_card(
            sheet, pen, card, GAP + number % COLUMNS * across, HEADER + number // COLUMNS * down
        )
    return sheet


def _draw_card(sheet: Image.Image, pen: ImageDraw.ImageDraw, card: Card, x: int, y: int) -> None:
    pen.rectangle((x, y, x + WIDTH, y + BOX + CAPTION), CARD)
    _draw_picture(sheet, pen, card, x, y)
    top = y + BOX + 10
    for line in textwrap.wrap(card.title, 42, max_lines=2, placeholder=" …"):
        pen.text((x + 12, top), line, INK, _TITLE)
        top += 20
    top = y + BOX + 54
    for line in [*card.details, card.state][:4]:
        pen.text(
            (x + 12, top), _fitted(pen, line, WIDTH - 96), FAINT if card.is_kept else ALARM, _SMALL
        )
        top += 18
    _draw_swatches(sheet, pen, card, x + WIDTH - 76, y + BOX + 58)


def _draw_picture(sheet: Image.Image, pen: ImageDraw.ImageDraw, card: Card, x: int, y: int) -> None:
    """The picture, whole, on its own colour; a cross where there is none."""
    box = (x, y, x + WIDTH, y + BOX)
    pen.rectangle(box, card.colour or "#dedcd6")
    picture = _decoded(card.content)
    if picture is None:
        pen.line((x + 130, y + 60, x + WIDTH - 130, y + BOX - 60), ALARM, 5)
        pen.line((x + WIDTH - 130, y + 60, x + 130, y + BOX - 60), ALARM, 5)
        return
    picture.thumbnail((WIDTH, BOX))
    sheet.paste(
        picture, (x + (WIDTH - picture.width) // 2, y + (BOX - picture.height) // 2), picture
    )


def _decoded(content: bytes | None) -> Image.Image | None:
    try:
        with Image.open(io.BytesIO(content or b"")) as opened:
            return opened.convert("RGBA")
    except (OSError, ValueError, SyntaxError):
        return None


def _draw_swatches(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, card: Card, x: int, y: int
) -> None:
    """The placeholder as a page would show it, and the dominant colour."""
    if card.blurhash:
        blurred = Image.frombytes("RGB", (16, 9), decode(card.blurhash, 16, 9))
        sheet.paste(blurred.resize((64, 36), Image.Resampling.BICUBIC), (x, y))
    if card.colour:
        pen.rectangle((x, y + 40, x + 63, y + 50), card.colour)
        pen.text((x, y + 53), card.colour, FAINT, _SMALL)


def _fitted(pen: ImageDraw.ImageDraw, text: str, width: int) -> str:
    """*text*, cut where it is too long."""
    if pen.textlength(text, _SMALL) <= width:
        return text
    while text and pen.textlength(f"{text}…", _SMALL) > width:
        text = text[:-1]
    return f"{text}…"
