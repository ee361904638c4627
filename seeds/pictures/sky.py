"""Scenes under the night sky: the comet, whole and split, and the observatory."""

from __future__ import annotations

from canvas import Canvas, Pen, Point
from PIL import Image


def comet_vaskell() -> Image.Image:
    """A comet with two tails, low over the hills."""
    c = Canvas(1200, 675, 21)
    c.gradient(
        (0, "#040a24"),
        (0.4, "#0f2a5a"),
        (0.68, "#2d6d86"),
        (0.82, "#e0a36b"),
        (1, "#f6c98c"),
        bottom=560,
    )
    c.stars(520, 430)
    _comet(c, (690, 330), (-0.83, -0.55), 620, "#bfe6ff")
    _hills(c, ("#2c5166", "#1b3a50", "#10283c", "#071522"), 470)
    return c.finish()


def comet_vaskell_split() -> Image.Image:
    """The same comet in two halves, seen closer."""
    c = Canvas(1200, 675, 22)
    c.gradient((0, "#0a0620"), (0.45, "#2a1450"), (0.75, "#6d2f6e"), (1, "#d9777a"), bottom=620)
    c.stars(620, 560)
    _comet(c, (760, 390), (-0.86, -0.5), 760, "#ffd9f2")
    _comet(c, (838, 352), (-0.84, -0.54), 560, "#cfe0ff")
    _hills(c, ("#4a2453", "#2b1638", "#140a1f"), 560)
    return c.finish()


def _comet(c: Canvas, head: Point, away: Point, length: float, colour: str) -> None:
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
        c.glow(px, py, wide * 1.6, colour, alpha=0.3 * (1 - far) ** 1.1)
    for n in range(70):
        far = n / 70
        px, py = (
            x + (away[0] - across[0] * 0.05) * length * far,
            y + (away[1] - across[1] * 0.05) * length * far,
        )
        c.glow(px, py, 8 + 22 * far, "#6fb4ff", alpha=0.34 * (1 - far))
    c.glow(x, y, 90, colour, alpha=0.8)
    c.glow(x, y, 30, "#ffffff")
    with c.light("#ffffff", blur=0.8) as pen:
        pen.ellipse(x, y, 6)


def _hills(c: Canvas, colours: tuple[str, ...], top: float) -> None:
    for n, colour in enumerate(colours):
        skyline = c.ridge(
            top + n * (c.height - top) / (len(colours) + 0.3), 26 - 3 * n, colour, 0.7 + 0.25 * n
        )
        c.haze(top - 60 + n * 50, top + 60 + n * 50, "#f4b98a", 0.12)
        if n == len(colours) - 1:
            _trees(c, colour, skyline)


def _trees(c: Canvas, colour: str, skyline: list[Point]) -> None:
    with c.ink(colour) as pen:
        for x, y in skyline:
            if c.random.random() < 0.42:
                tall = c.random.uniform(10, 34)
                for step in range(3):
                    wide, low = tall * (0.12 + 0.08 * step), y + 5 - tall * (0.66 - 0.33 * step)
                    pen.polygon([(x, low - tall * 0.42), (x - wide, low), (x + wide, low)])


def pelmoor_observatory() -> Image.Image:
    """Star trails round the pole, above the open dome."""
    c = Canvas(800, 800, 23)
    c.gradient((0, "#05071d"), (0.55, "#122a57"), (0.8, "#3c5f8c"), (1, "#d88f6a"), bottom=690)
    tints = ("#ffffff", "#cfe3ff", "#ffe6bd", "#9fc4ff")
    for tint in tints:
        with c.light(tint, 0.55) as pen:
            for _ in range(75):
                start = c.random.uniform(0, 360)
                pen.arc(
                    400,
                    330,
                    c.random.uniform(14, 640),
                    start,
                    start + c.random.uniform(18, 46),
                    c.random.choice((0.6, 0.9, 1.4)),
                )
    c.ridge(660, 16, "#15213d")
    c.glow(400, 640, 260, "#ffb870", ry=150, alpha=0.8)
    _dome(c)
    c.ridge(722, 8, "#070c1a")
    with c.ink("#070c1a") as pen:
        for _ in range(70):
            _person(
                pen,
                c.random.uniform(0, 800),
                c.random.uniform(716, 728),
                c.random.uniform(0.8, 1.15),
            )
    return c.finish()


def _dome(c: Canvas) -> None:
    with c.ink("#101a33") as pen:
        pen.rect(292, 592, 508, 730)
        pen.ellipse(400, 596, 112)
    with c.ink("#2b3c66") as pen:
        pen.rect(284, 588, 516, 602)
    with c.ink("#ffcf87", blur=1) as pen:
        pen.polygon([(412, 484), (452, 496), (446, 588), (412, 588)])
    with c.ink("#0a1020") as pen:
        pen.polygon([(418, 590), (462, 470), (476, 476), (440, 590)])
    with c.ink("#ffc069") as pen:
        for x in (314, 350, 480):
            pen.pill(x, 640, x + 12, 664, 5)


def _person(pen: Pen, x: float, y: float, s: float) -> None:
    pen.ellipse(x, y - 23 * s, 3.6 * s)
    pen.pill(x - 4.6 * s, y - 19 * s, x + 4.6 * s, y + 12, 4 * s)
