"""The contact sheet."""

import io

from PIL import Image

from services.console.actions.contact_sheet import (
    COLUMNS,
    WIDTH,
    Card,
    draw,
    failed_card,
    kept_card,
)
from shared.clock import now
from shared.store import Content

ARTICLE = {
    "title": "Village of Ambleworth balances its books by selling one painting that hung unnoticed"
}
CONTENT = Content(
    "ab", "image/gif", 480, 480, 10, 55_081, "#f4ead2", "LRRe~J%LyG%M}joJJqfkF~bHwGjt", (), now()
)


def picture(mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (320, 180), "red").save(buffer, "PNG")
    return buffer.getvalue()


def test_a_kept_picture_says_its_size_kind_and_what_the_seed_claimed():
    image = {
        "url": "https://p.example/a.gif",
        "width": 480,
        "height": 480,
        "claimedWidth": 640,
        "isFound": True,
    }
    card = kept_card(ARTICLE, image, picture(), CONTENT)
    assert card.details == ("480 x 480  gif, 55 kB, 10 frames", "the seed claimed 640 x 480")
    assert (card.state, card.is_kept, card.colour) == ("found on its page, kept", True, "#f4ead2")


def test_one_that_failed_says_why():
    card = failed_card(
        ARTICLE, {"url": "https://p.example/a.gif"}, "not-found: the host answered 404"
    )
    assert (card.state, card.is_kept, card.content) == (
        "not-found: the host answered 404",
        False,
        None,
    )


def test_the_sheet_grows_row_by_row_and_marks_what_failed():
    cards = [
        Card("x", "kept", ("1 x 1",), True, picture(mode), "#102030", CONTENT.blurhash)
        for mode in ("RGB", "L")
    ]
    cards += [Card("x", "broken", (), False)] * COLUMNS
    one, two, none = draw(cards[:COLUMNS]), draw(cards), draw([])
    assert one.width == two.width == none.width > COLUMNS * WIDTH
    assert two.height > one.height == none.height
    colours = {colour for _, colour in two.getcolors(maxcolors=2**24) or []}
    assert (0xB3, 0x26, 0x1E) in colours


def test_a_picture_whose_bytes_are_no_picture_any_more_is_drawn_as_one_that_failed():
    assert draw([Card("x", "kept", (), True, b"no picture")]).height


def test_any_title_can_be_drawn():
    draw([Card("字" * 300, "kept\n" * 9, ("\u202e",) * 9, True, None)])
