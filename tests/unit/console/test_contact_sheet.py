"""The contact sheet."""

import io

from PIL import Image

from services.console.actions.pictures.contact_sheet import (
    CARD_WIDTH,
    COLUMNS,
    Card,
    build_failed_card,
    build_kept_card,
    draw_sheet,
)
from shared.clock import now
from shared.store import Content

ARTICLE = {
    "title": "Village of Ambleworth balances its books by selling one painting that hung unnoticed"
}
BLURHASH = "LRRe~J%LyG%M}joJJqfkF~bHwGjt"
CONTENT = Content("ab", "image/gif", 480, 480, 10, 55_081, "#f4ead2", BLURHASH, (), now())
RED = (0xB3, 0x26, 0x1E)


def make_png(mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (320, 180), "red").save(buffer, "PNG")
    return buffer.getvalue()


def test_a_kept_image_shows_its_size_its_type_and_what_the_seed_claimed():
    image = {
        "url": "https://p.example/a.gif",
        "width": 480,
        "height": 480,
        "claimedWidth": 640,
        "isFound": True,
    }
    card = build_kept_card(ARTICLE, image, make_png(), CONTENT)
    assert card.details == ("480 x 480  gif, 55 kB, 10 frames", "the seed claimed 640 x 480")
    assert (card.state, card.is_kept, card.colour) == ("found on its page, kept", True, "#f4ead2")


def test_a_failed_image_shows_why():
    reason = "not-found: the host answered 404"
    card = build_failed_card(ARTICLE, {"url": "https://p.example/a.gif"}, reason)
    assert (card.state, card.is_kept, card.content) == (reason, False, None)


def test_the_sheet_grows_row_by_row_and_marks_failed_images_in_red():
    cards = [
        Card("x", "kept", ("1 x 1",), True, make_png(mode), "#102030", BLURHASH)
        for mode in ("RGB", "L")
    ]
    cards += [Card("x", "broken", (), False)] * COLUMNS
    one_row, two_rows, empty = draw_sheet(cards[:COLUMNS]), draw_sheet(cards), draw_sheet([])
    assert one_row.width == two_rows.width == empty.width > COLUMNS * CARD_WIDTH
    assert two_rows.height > one_row.height == empty.height
    colours = {colour for _, colour in two_rows.getcolors(maxcolors=2**24) or []}
    assert RED in colours


def test_an_image_whose_bytes_cannot_be_decoded_is_drawn_as_a_failed_one():
    assert draw_sheet([Card("x", "kept", (), True, b"no picture")]).height


def test_any_title_can_be_drawn():
    draw_sheet([Card("字" * 300, "kept\n" * 9, ("\u202e",) * 9, True, None)])
