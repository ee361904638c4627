"""Scenes of the trades: the cable in section, the laboratory, the growing barley."""

from __future__ import annotations

import math

from canvas import Canvas, Pen
from PIL import Image


def kessmark_cable() -> Image.Image:
    """The cable in section: old strands of steel, and the new ones."""
    canvas = Canvas(640, 480, 34)
    canvas.gradient((0, "#1b2733"), (1, "#0b1118"))
    canvas.glow(320, 240, 360, "#3a6a86", alpha=0.6)
    with canvas.ink("#05080c") as pen:
        pen.ellipse(320, 240, 214)
    with canvas.ink("#8a949c") as pen:
        pen.arc(320, 240, 214, 0, 360, 9)
    step = 32.0
    for row in range(-7, 8):
        for column in range(-7, 8):
            x, y = 320 + (column + (row % 2) / 2) * step, 240 + row * step * 0.866
            if math.hypot(x - 320, y - 240) < 190:
                _strand(canvas, x, y, 14.6, new=math.hypot(x - 390, y - 190) < 96)
    canvas.glow(430, 150, 170, "#ffb45a", alpha=0.75)
    with canvas.light("#ffe7b0", blur=0.4) as pen:
        for _ in range(46):
            turn, far = canvas.random.uniform(0, 6.3), canvas.random.uniform(20, 150)
            x, y = 430 + far * math.cos(turn), 150 + far * math.sin(turn)
            pen.line([(x, y), (x + 9 * math.cos(turn), y + 9 * math.sin(turn) + 2)], 1.1)
    return canvas.finish(grain=1.5)


def _strand(canvas: Canvas, x: float, y: float, radius: float, new: bool) -> None:
    with canvas.ink("#b06a32" if new else "#4f5b64") as pen:
        pen.ellipse(x, y, radius)
    wire = radius * 0.3
    with canvas.ink("#f0b06c" if new else "#98a6af") as pen:
        pen.ellipse(x, y, wire)
        for n in range(6):
            pen.ellipse(
                x + wire * 2 * math.cos(n * math.pi / 3),
                y + wire * 2 * math.sin(n * math.pi / 3),
                wire,
            )
    with canvas.light("#ffffff", 0.3, blur=0.6) as pen:
        pen.ellipse(x - radius * 0.3, y - radius * 0.35, radius * 0.35)


def quillane_lab() -> Image.Image:
    """Racks of seedlings under the lamps of the institute."""
    canvas = Canvas(1200, 675, 35)
    canvas.gradient((0, "#1a0f3a"), (0.5, "#4a1f6e"), (1, "#160b2c"))
    for shelf in range(3):
        y = 222 + shelf * 192
        canvas.glow(600, y - 70, 800, "#d65cff", ry=150, alpha=0.6)
        with canvas.light("#ffd9ff", blur=1.5) as pen:
            pen.pill(50, y - 142, 1150, y - 132, 5)
        canvas.glow(600, y - 137, 720, "#ff9ef5", ry=34, alpha=0.8)
        for n in range(37):
            x = 58 + n * 30 + canvas.random.uniform(-5, 5)
            _seedling(canvas, x, y, canvas.random.uniform(0.75, 1.25))
        with canvas.ink("#dfeaf2") as pen:
            pen.pill(24, y, 1176, y + 24, 6)
        with canvas.ink("#5fb7d4", 0.75) as pen:
            pen.rect(30, y + 5, 1170, y + 15)
        with canvas.ink("#0e0720") as pen:
            pen.rect(0, y + 24, 1200, y + 38)
    with canvas.ink("#0e0720") as pen:
        for x in (10, 1178):
            pen.rect(x, 0, x + 14, 675)
    return canvas.finish()


def _seedling(canvas: Canvas, x: float, y: float, s: float) -> None:
    for _ in range(4):
        lean, tall = canvas.random.uniform(-30, 30), canvas.random.uniform(50, 98)
        colour = canvas.random.choice(("#3fbf6f", "#7fe08a", "#2a9d74"))
        with canvas.ink(colour) as pen:
            _blade(pen, x, y, lean * s, tall * s, 3.6 * s)


def _blade(pen: Pen, x: float, y: float, lean: float, tall: float, wide: float) -> None:
    left, right = [], []
    for n in range(11):
        t = n / 10
        height = y - tall * (t - 0.18 * t**4)
        left.append((x - wide + (lean * t * t) + wide * t, height))
        right.append((x + wide + (lean * t * t) - wide * t, height))
    pen.polygon(left + right[::-1])


def marrowgold_seedling() -> list[Image.Image]:
    """Ten days of one seedling, a frame each."""
    return [_day(n / 9) for n in range(10)]


def _day(age: float) -> Image.Image:
    canvas = Canvas(480, 480, 36)
    for colour, radius in (("#f4ead2", 480), ("#f7dfae", 190), ("#fbd27a", 120)):
        with canvas.ink(colour) as pen:
            pen.ellipse(240, 190, radius)
    for lean, tall, colour, born in (
        (-90, 250, "#2f8f5b", 0.3),
        (80, 230, "#46a86b", 0.2),
        (-34, 300, "#5dbb74", 0.05),
        (36, 320, "#3a9c63", 0),
    ):
        grown = max(0.0, min(1.0, (age - born) / (1 - born)))
        with canvas.ink(colour) as pen:
            _blade(pen, 240, 372, lean * grown, 6 + tall * grown, 3 + 9 * grown)
    with canvas.ink("#c98f3a") as pen:
        pen.ellipse(240, 378, 20, 11)
    with canvas.ink("#7cc6cf") as pen:
        pen.pill(96, 380, 384, 448, 14)
    with canvas.ink("#d9f1ee") as pen:
        pen.rect(104, 388, 376, 396)
        for n in range(9):
            pen.ellipse(120 + n * 30, 420 + (n % 3) * 7, 3)
    with canvas.ink("#c98f3a") as pen:
        for n in range(5):
            pen.line([(240, 388), (240 + (n - 2) * 26 * age, 390 + 46 * age)], 2)
    return canvas.finish(grain=0, vignette=0)
