"""A painting on a wall: the landscape that balanced the books of Ambleworth."""

from __future__ import annotations

from canvas import Canvas, Pen
from PIL import Image


def ambleworth_landscape() -> Image.Image:
    """An evening in the hills, oil on canvas, in a frame of gold."""
    canvas = Canvas(1000, 760, 31)
    canvas.gradient(
        (0, "#6f8fb0"), (0.45, "#e8c9a0"), (0.62, "#f3dfb5"), (1, "#d9b277"), bottom=520
    )
    canvas.glow(640, 330, 300, "#fff2c8", ry=180, alpha=0.9)
    for top, colour in ((400, "#8c9aa0"), (450, "#6b8267"), (510, "#4d6a45"), (570, "#2f4a2c")):
        canvas.ridge(top, 26, colour)
        canvas.haze(top - 30, top + 60, "#f6e2b8", 0.25)
    with canvas.ink("#6d4f33") as pen:
        pen.polygon([(470, 760), (520, 600), (548, 600), (640, 760)])
    with canvas.ink("#24351f") as pen:
        for x, y, wide in ((250, 500, 46), (300, 520, 58), (770, 520, 64)):
            pen.ellipse(x, y, wide, wide * 0.8)
            pen.rect(x - 6, y, x + 6, y + 110)
    bars = (
        (0, 88, "#3d2f29"),
        (88, 10, "#7a5a1f"),
        (96, 18, "#d9b45a"),
        (112, 14, "#8f6a24"),
        (124, 12, "#f0d589"),
    )
    for inset, thick, colour in bars:
        with canvas.ink(colour) as pen:
            _frame(pen, inset, thick)
    return canvas.finish(vignette=0.35)


def _frame(pen: Pen, inset: float, thick: float) -> None:
    """Four bars round the picture, *inset* from its edge."""
    left, top, right, bottom = inset, inset, 1000 - inset, 760 - inset
    pen.rect(left, top, right, top + thick)
    pen.rect(left, bottom - thick, right, bottom)
    pen.rect(left, top, left + thick, bottom)
    pen.rect(right - thick, top, right, bottom)
