"""Scenes of the cup final: the stadium and the trophy."""

from __future__ import annotations

import math

from canvas import Canvas, Pen, Point
from PIL import Image


def tarnlow_stadium() -> Image.Image:
    """The pitch under floodlights, seen from the highest row."""
    canvas = Canvas(1200, 675, 24)
    canvas.gradient((0, "#050b22"), (0.5, "#0f2347"), (1, "#27527f"), bottom=340)
    with canvas.ink("#0a1530") as pen:
        pen.ellipse(600, 430, 690, 250)
    for row in range(26):
        ry, rx = 246 - row * 5.2, 684 - row * 11
        for colour in ("#d9453d", "#f2d7b0", "#5f7fb5", "#1d3261"):
            with canvas.ink(colour, 0.75) as pen:
                for _ in range(56):
                    turn = canvas.random.uniform(0, 2 * math.pi)
                    pen.ellipse(
                        600 + rx * math.cos(turn), 430 + ry * math.sin(turn), 1.5 + row * 0.02
                    )
    with canvas.ink("#0b3d2a") as pen:
        pen.ellipse(600, 446, 410, 128)
    _pitch(canvas)
    for x, y in ((120, 74), (392, 42), (808, 42), (1080, 74)):
        _floodlight(canvas, x, y)
    with canvas.ink("#04081a") as pen:
        for n in range(64):
            pen.ellipse(n * 19.4, 668 + canvas.random.uniform(-6, 6), 10, 12)
            pen.pill(n * 19.4 - 15, 676, n * 19.4 + 15, 720, 12)
        for x in (150, 415, 690, 985):
            pen.line([(x - 6, 680), (x - 22, 634)], 6)
            pen.line([(x + 6, 680), (x + 24, 632)], 6)
    return canvas.finish()


def _pitch(canvas: Canvas) -> None:
    def at(u: float, v: float) -> Point:
        half = 232 + 108 * v
        return 600 + (u * 2 - 1) * half, 362 + 172 * v**1.15

    for n in range(10):
        with canvas.ink("#2f9e55" if n % 2 else "#278a49") as pen:
            pen.polygon([at(n / 10, 0), at((n + 1) / 10, 0), at((n + 1) / 10, 1), at(n / 10, 1)])
    with canvas.ink("#f2fff0", 0.9) as pen:
        pen.line(
            [at(0.02, 0.03), at(0.98, 0.03), at(0.98, 0.97), at(0.02, 0.97), at(0.02, 0.03)], 2
        )
        pen.line([at(0.5, 0.03), at(0.5, 0.97)], 2)
        pen.line(
            [
                at(
                    0.5 + 0.09 * math.cos(t / 12 * math.pi),
                    0.46 + 0.16 * math.sin(t / 12 * math.pi),
                )
                for t in range(25)
            ],
            2,
        )
        for goal, box in ((0.02, 0.15), (0.98, 0.85)):
            pen.line([at(goal, 0.24), at(box, 0.24), at(box, 0.76), at(goal, 0.76)], 2)
    for u, v, colour in (
        (0.12, 0.5, "#f7d038"),
        (0.2, 0.46, "#e2362f"),
        (0.47, 0.4, "#e2362f"),
        (0.5, 0.55, "#ffffff"),
        (0.53, 0.44, "#e2362f"),
    ):
        x, y = at(u, v)
        with canvas.ink("#0a2a18", 0.45, blur=1) as pen:
            pen.ellipse(x + 9, y, 11, 2.5)
        with canvas.ink(colour) as pen:
            pen.pill(x - 3.5, y - 17, x + 3.5, y, 3)
            pen.ellipse(x, y - 20, 3)
    canvas.glow(600, 450, 420, "#d9ffd0", ry=130, alpha=0.35)


def _floodlight(canvas: Canvas, x: float, y: float) -> None:
    with canvas.ink("#0a1330") as pen:
        pen.line([(x, y), (x + (600 - x) * 0.04, 330)], 7)
    with canvas.light("#cfe4ff", 0.14, blur=14) as pen:
        pen.polygon(
            [
                (x - 40, y),
                (x + 40, y),
                (600 + (x - 600) * 0.1 + 260, 520),
                (600 + (x - 600) * 0.1 - 260, 520),
            ]
        )
    canvas.glow(x, y, 190, "#dcebff", alpha=0.75)
    with canvas.light("#ffffff", blur=0.7) as pen:
        for row in range(3):
            for lamp in range(5):
                pen.ellipse(x - 32 + lamp * 16, y - 16 + row * 15, 5.5)


def heron_cup() -> Image.Image:
    """The trophy, in the confetti."""
    canvas = Canvas(800, 800, 25)
    canvas.gradient((0, "#3c0d2b"), (0.6, "#8a1c3c"), (1, "#2a0a22"))
    for turn in range(-7, 8, 2):
        with canvas.light("#ff8f70", 0.12, blur=6) as pen:
            pen.polygon([(400, 420), (400 + turn * 150 - 50, -60), (400 + turn * 150 + 50, -60)])
    canvas.glow(400, 340, 420, "#ffb26b", alpha=0.8)
    _confetti(canvas, 130, 3.2, 1.4)
    with canvas.ink("#1c0615", 0.6, blur=10) as pen:
        pen.ellipse(400, 716, 190, 22)
    for colour, left, right in (
        ("#d99a2b", 0.0, 1.0),
        ("#f6cf63", 0.16, 0.62),
        ("#fff0b0", 0.24, 0.36),
        ("#a8681a", 0.82, 1.0),
    ):
        with canvas.ink(colour, blur=0 if colour == "#d99a2b" else 3) as pen:
            pen.polygon(_turned(left, right))
    with canvas.ink("#e0a437") as pen:
        pen.arc(262, 300, 82, 60, 292, 15)
        pen.arc(538, 300, 82, 248, 120, 15)
    with canvas.ink("#8f5713") as pen:
        pen.ellipse(400, 206, 150, 20)
    with canvas.ink("#ffe89a") as pen:
        pen.line(
            [
                (400 + 150 * math.cos(t / 20 * math.pi), 206 + 20 * math.sin(t / 20 * math.pi))
                for t in range(21)
            ],
            4,
        )
    with canvas.ink("#2a1320") as pen:
        pen.polygon([(300, 640), (500, 640), (524, 716), (276, 716)])
    with canvas.ink("#e0b552") as pen:
        pen.pill(346, 664, 454, 692, 5)
    with canvas.ink("#9c5f12") as pen:
        _heron(pen, 400, 400)
    _confetti(canvas, 60, 6.5, 2.6)
    return canvas.finish()


# height and half-width of the cup, from its rim to its foot
_PROFILE = (
    (206, 150),
    (260, 148),
    (330, 134),
    (400, 104),
    (452, 62),
    (490, 30),
    (530, 22),
    (570, 30),
    (606, 62),
    (640, 92),
)


def _turned(left: float, right: float) -> list[Point]:
    start = [(400 - wide + 2 * wide * left, float(y)) for y, wide in _PROFILE]
    end = [(400 - wide + 2 * wide * right, float(y)) for y, wide in _PROFILE]
    return start + end[::-1]


def _heron(pen: Pen, x: float, y: float) -> None:
    pen.ellipse(x + 4, y - 62, 34, 20)
    pen.polygon([(x - 24, y - 70), (x - 58, y - 36), (x - 8, y - 50)])
    pen.line([(x + 28, y - 70), (x + 40, y - 96), (x + 22, y - 122), (x + 34, y - 142)], 9)
    pen.polygon([(x + 28, y - 150), (x + 78, y - 138), (x + 30, y - 132)])
    pen.line([(x, y - 46), (x - 4, y - 8), (x + 8, y - 8)], 4)
    pen.line([(x + 12, y - 46), (x + 26, y - 26), (x + 8, y - 26)], 4)


def _confetti(canvas: Canvas, count: int, size: float, blur: float) -> None:
    for colour in ("#ffd24a", "#ffffff", "#4fb3ff", "#ff6b57"):
        with canvas.ink(colour, 0.85, blur=blur / 3) as pen:
            for _ in range(count // 4):
                x, y, turn = (
                    canvas.random.uniform(0, 800),
                    canvas.random.uniform(0, 800),
                    canvas.random.uniform(0, 3.1),
                )
                dx, dy = size * math.cos(turn), size * math.sin(turn)
                pen.polygon(
                    [
                        (x - dx, y - dy),
                        (x + dy, y - dx),
                        (x + dx, y + dy),
                        (x - dy * 0.5, y + dx * 0.5),
                    ]
                )
