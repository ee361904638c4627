"""Scenes under the night sky: the comet, whole and split, and the observatory."""

from __future__ import annotations

from canvas import Canvas, Pen, Point
from PIL import Image


def comet_vaskell() -> Image.Image:
    """A comet with two tails, low over the hills."""
    canvas = Canvas(1200, 675, 21)
    canvas.gradient(
        (0, "#040a24"),
        (0.4, "#0f2a5a"),
        (0.68, "#2d6d86"),
        (0.82, "#e0a36b"),
        (1, "#f6c98c"),
        bottom=560,
    )
    canvas.stars(520, 430)
    _comet(canvas, (690, 330), (-0.83, -0.55), 620, "#bfe6ff")
    _hills(canvas, ("#2c5166", "#1b3a50", "#10283c", "#071522"), 470)
    return canvas.finish()


def comet_vaskell_split() -> Image.Image:
    """The same comet in two halves, seen closer."""
    canvas = Canvas(1200, 675, 22)
    canvas.gradient(
        (0, "#0a0620"), (0.45, "#2a1450"), (0.75, "#6d2f6e"), (1, "#d9777a"), bottom=620
    )
    canvas.stars(620, 560)
    _comet(canvas, (760, 390), (-0.86, -0.5), 760, "#ffd9f2")
    _comet(canvas, (838, 352), (-0.84, -0.54), 560, "#cfe0ff")
    _hills(canvas, ("#4a2453", "#2b1638", "#140a1f"), 560)
    return canvas.finish()


def _comet(canvas: Canvas, head: Point, away: Point, length: float, colour: str) -> None:
    x, y = head
    across = (-away[1], away[0])
    for n in range(46):
        far = n / 46
        bend = 95 * far**2
        wide = 5 + 54 * far
        px, py = (
            x + away[0] * length * far + across[0] * bend,
            y + away[1] * length * far + across[1] * bend,
        )
        canvas.glow(px, py, wide * 1.6, colour, alpha=0.3 * (1 - far) ** 1.1)
    for n in range(70):
        far = n / 70
        px, py = (
            x + (away[0] - across[0] * 0.05) * length * far,
            y + (away[1] - across[1] * 0.05) * length * far,
        )
        canvas.glow(px, py, 8 + 22 * far, "#6fb4ff", alpha=0.34 * (1 - far))
    canvas.glow(x, y, 90, colour, alpha=0.8)
    canvas.glow(x, y, 30, "#ffffff")
    with canvas.light("#ffffff", blur=0.8) as pen:
        pen.ellipse(x, y, 6)


def _hills(canvas: Canvas, colours: tuple[str, ...], top: float) -> None:
    for n, colour in enumerate(colours):
        base = top + n * (canvas.height - top) / (len(colours) + 0.3)
        skyline = canvas.ridge(base, 26 - 3 * n, colour, 0.7 + 0.25 * n)
        canvas.haze(top - 60 + n * 50, top + 60 + n * 50, "#f4b98a", 0.12)
        if n == len(colours) - 1:
            _trees(canvas, colour, skyline)


def _trees(canvas: Canvas, colour: str, skyline: list[Point]) -> None:
    with canvas.ink(colour) as pen:
        for x, y in skyline:
            if canvas.random.random() < 0.42:
                tall = canvas.random.uniform(10, 34)
                for step in range(3):
                    wide, low = tall * (0.12 + 0.08 * step), y + 5 - tall * (0.66 - 0.33 * step)
                    pen.polygon([(x, low - tall * 0.42), (x - wide, low), (x + wide, low)])


def pelmoor_observatory() -> Image.Image:
    """Star trails round the pole, above the open dome."""
    canvas = Canvas(800, 800, 23)
    canvas.gradient((0, "#05071d"), (0.55, "#122a57"), (0.8, "#3c5f8c"), (1, "#d88f6a"), bottom=690)
    tints = ("#ffffff", "#cfe3ff", "#ffe6bd", "#9fc4ff")
    for tint in tints:
        with canvas.light(tint, 0.55) as pen:
            for _ in range(75):
                start, radius = canvas.random.uniform(0, 360), canvas.random.uniform(14, 640)
                end = start + canvas.random.uniform(18, 46)
                pen.arc(400, 330, radius, start, end, canvas.random.choice((0.6, 0.9, 1.4)))
    canvas.ridge(660, 16, "#15213d")
    canvas.glow(400, 640, 260, "#ffb870", ry=150, alpha=0.8)
    _dome(canvas)
    canvas.ridge(722, 8, "#070c1a")
    with canvas.ink("#070c1a") as pen:
        for _ in range(70):
            x, y = canvas.random.uniform(0, 800), canvas.random.uniform(716, 728)
            _person(pen, x, y, canvas.random.uniform(0.8, 1.15))
    return canvas.finish()


def _dome(canvas: Canvas) -> None:
    with canvas.ink("#101a33") as pen:
        pen.rect(292, 592, 508, 730)
        pen.ellipse(400, 596, 112)
    with canvas.ink("#2b3c66") as pen:
        pen.rect(284, 588, 516, 602)
    with canvas.ink("#ffcf87", blur=1) as pen:
        pen.polygon([(412, 484), (452, 496), (446, 588), (412, 588)])
    with canvas.ink("#0a1020") as pen:
        pen.polygon([(418, 590), (462, 470), (476, 476), (440, 590)])
    with canvas.ink("#ffc069") as pen:
        for x in (314, 350, 480):
            pen.pill(x, 640, x + 12, 664, 5)


def _person(pen: Pen, x: float, y: float, s: float) -> None:
    pen.ellipse(x, y - 23 * s, 3.6 * s)
    pen.pill(x - 4.6 * s, y - 19 * s, x + 4.6 * s, y + 12, 4 * s)
