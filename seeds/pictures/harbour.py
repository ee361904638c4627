"""Scenes of the harbour: its cranes, and the terminal from above."""

from __future__ import annotations

from canvas import Canvas, Pen
from PIL import Image


def varnholm_cranes() -> Image.Image:
    """Gantry cranes over a quay at dusk."""
    canvas = Canvas(1200, 675, 11)
    canvas.gradient(
        (0, "#141a46"),
        (0.35, "#4b2a6b"),
        (0.6, "#b9486a"),
        (0.82, "#f58a4f"),
        (1, "#ffd78f"),
        bottom=500,
    )
    canvas.glow(585, 478, 520, "#ffb35a", ry=300)
    with canvas.light("#fff0c2") as pen:
        pen.ellipse(585, 456, 46)
    for y, colour, alpha in ((150, "#7a3a74", 0.5), (235, "#d0607a", 0.45), (330, "#ff9f70", 0.4)):
        with canvas.ink(colour, alpha, blur=10) as pen:
            for _ in range(5):
                x = canvas.random.uniform(-100, 1100)
                pen.ellipse(
                    x,
                    y + canvas.random.uniform(-30, 30),
                    canvas.random.uniform(150, 330),
                    canvas.random.uniform(4, 9),
                )
    canvas.ridge(452, 14, "#8d3f63")
    canvas.haze(400, 500, "#ff9d68", 0.45)
    with canvas.ink("#4a2148") as pen:
        for x, size in ((880, 0.95), (1010, 0.85), (1120, 0.8)):
            _gantry(pen, x, 496, size)
        _stacks(canvas, pen, 560, 1200, 496, 4)
    with canvas.ink("#1a1030") as pen:
        for x, size in ((190, 2.05), (460, 1.7), (690, 1.35)):
            _gantry(pen, x, 500, size)
        _stacks(canvas, pen, 0, 640, 500, 3)
        pen.rect(0, 492, 1200, 502)
    canvas.reflect(500, "#150f33", 0.42)
    with canvas.light("#ffdf9e", blur=1) as pen:
        for _ in range(40):
            pen.ellipse(canvas.random.uniform(0, 1200), canvas.random.choice((488, 484, 470)), 1.6)
    return canvas.finish()


def _gantry(pen: Pen, x: float, base: float, s: float) -> None:
    top = base - 112 * s
    for leg in (x, x + 44 * s):
        pen.line([(leg, base), (leg, top)], 5 * s)
    pen.line([(x, base - 45 * s), (x + 44 * s, base - 45 * s)], 3.5 * s)
    pen.line([(x, base - 45 * s), (x + 44 * s, top)], 2 * s)
    pen.line([(x - 118 * s, top), (x + 86 * s, top)], 6 * s)
    apex = (x + 6 * s, top - 58 * s)
    pen.line([(x, top), apex, (x + 44 * s, top)], 3.5 * s)
    for end in (-112, -62, 80):
        pen.line([apex, (x + end * s, top)], 1.4 * s)
    pen.rect(x + 50 * s, top - 15 * s, x + 76 * s, top - 3 * s)
    for rope in (-76, -60):
        pen.line([(x + rope * s, top), (x + rope * s, top + 44 * s)], 0.9 * s)
    pen.rect(x - 86 * s, top + 42 * s, x - 50 * s, top + 56 * s)


def _stacks(canvas: Canvas, pen: Pen, left: int, right: int, base: float, most: int) -> None:
    for x in range(left, right, 32):
        pen.rect(x, base - 13 * canvas.random.randint(0, most), x + 31, base)


def varnholm_terminal() -> Image.Image:
    """Containers from above, in rows, and the crane that needs no crew."""
    canvas = Canvas(1280, 720, 12)
    canvas.gradient((0, "#0f3b4c"), (1, "#0a2230"))
    canvas.glow(300, 60, 900, "#3fa7a0", ry=520, alpha=0.45)
    with canvas.ink("#ffffff", 0.06) as pen:
        for n in range(-6, 26):
            pen.line([(n * 92 - 400, 0), (n * 92 + 1040, 720)], 2)
    paints = (
        "#e4572e",
        "#f3a712",
        "#2e86ab",
        "#d8e2dc",
        "#a23b72",
        "#3d9970",
        "#f6d8ae",
        "#c1432e",
    )
    for row in range(8):
        for column in range(10):
            x, y = 640 + (column - row) * 84, 10 + (column + row) * 44
            height = 0 if (row, column) in _LANE else canvas.random.choice((0, 1, 1, 2, 2, 3, 4))
            for level in range(height):
                _container(canvas, x, y - level * 34, canvas.random.choice(paints))
        if row == 4:
            _straddler(canvas, 640, 262)
    canvas.haze(-200, 260, "#9fe0d6", 0.2)
    return canvas.finish()


_LANE = {(row, column) for row in (4, 5) for column in range(10)}


def _container(canvas: Canvas, x: float, y: float, paint: str) -> None:
    with canvas.ink(paint) as pen:
        pen.polygon([(x, y - 34), (x + 78, y + 6), (x, y + 46), (x - 78, y + 6)])
        pen.polygon(
            [
                (x - 78, y + 6),
                (x, y + 46),
                (x + 78, y + 6),
                (x + 78, y + 38),
                (x, y + 78),
                (x - 78, y + 38),
            ]
        )
    with canvas.ink("#04131c", 0.55) as pen:
        pen.polygon([(x - 78, y + 6), (x, y + 46), (x, y + 78), (x - 78, y + 38)])
    with canvas.ink("#04131c", 0.25) as pen:
        pen.polygon([(x + 78, y + 6), (x, y + 46), (x, y + 78), (x + 78, y + 38)])
    with canvas.ink("#04131c", 0.28) as pen:
        for n in range(1, 10):
            pen.line([(x - 7.8 * n, y + 46 - 4 * n), (x - 7.8 * n, y + 77 - 4 * n)], 1.2)
            pen.line([(x + 7.8 * n, y + 46 - 4 * n), (x + 7.8 * n, y + 77 - 4 * n)], 1.2)


def _straddler(canvas: Canvas, x: float, y: float) -> None:
    canvas.glow(x, y + 150, 260, "#ffd35c", ry=130, alpha=0.55)
    feet = ((x - 120, y + 130), (x + 20, y + 200), (x - 10, y + 75), (x + 130, y + 145))
    with canvas.ink("#ffc93c") as pen:
        for fx, fy in feet:
            pen.line([(fx, fy), (fx, fy - 210)], 11)
        tops = [(fx, fy - 210) for fx, fy in feet]
        for start, end in ((0, 1), (2, 3), (0, 2), (1, 3)):
            pen.line([tops[start], tops[end]], 14)
    _container(canvas, x + 4, y - 10, "#e4572e")
    with canvas.ink("#1b2b34") as pen:
        for dx in (-40, 40):
            pen.line([(x + dx, y - 4), (x + dx * 0.8, y - 75)], 2)
