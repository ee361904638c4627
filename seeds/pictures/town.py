"""Scenes in town: the night tram and its depot, the lanterns."""

from __future__ import annotations

import math

from canvas import Canvas
from PIL import Image


def oldmere_night_tram() -> Image.Image:
    """The night tram comes down a wet street."""
    canvas = Canvas(1200, 675, 31)
    canvas.gradient((0, "#0a1030"), (0.6, "#1d2b5c"), (1, "#3c4a86"), bottom=430)
    for left in (True, False):
        _street(canvas, left)
    canvas.gradient((0, "#27305f"), (0.3, "#171d42"), (1, "#0a0e24"), top=430)
    canvas.glow(600, 380, 420, "#ffb765", ry=260, alpha=0.55)
    _tram_front(canvas)
    canvas.reflect(492, "#0c1130", 0.45, ripple=7)
    with canvas.light("#ffcf8a", 0.8, blur=0.6) as pen:
        for inner, outer in ((556, 330), (644, 870)):
            pen.line([(inner, 492), (outer, 675)], 3)
    with canvas.ink("#060919") as pen:
        pen.line([(600, 228), (596, 120)], 3)
        pen.line([(540, 130), (660, 118)], 3)
    with canvas.ink("#0a0f26") as pen:
        for end in (0, 1200):
            pen.line([(596, 126), (end, 40)], 1.6)
            pen.line([(596, 126), (end, 10)], 1.2)
    with canvas.light("#a9c6ff", 0.22) as pen:
        for _ in range(240):
            x, y = canvas.random.uniform(0, 1200), canvas.random.uniform(0, 660)
            pen.line([(x, y), (x - 5, y + 17)], 0.7)
    return canvas.finish(vignette=0.45)


def _street(canvas: Canvas, left: bool) -> None:
    for n in range(7):
        near = ((6 - n) / 6) ** 1.4
        inner, outer = 110 + 330 * near, 190 + 470 * near
        top = 300 - 260 * near - canvas.random.uniform(0, 40)
        sign = -1 if left else 1
        edges = sorted((600 + sign * inner, 600 + sign * outer))
        shade = round(24 + 34 * (1 - near))
        with canvas.ink(f"#{shade - 8:02x}{shade:02x}{shade + 44:02x}") as pen:
            pen.rect(edges[0], top, edges[1], 440)
            pen.polygon(
                [
                    (edges[0], top),
                    ((edges[0] + edges[1]) / 2, top - 26 * (0.4 + near)),
                    (edges[1], top),
                ]
            )
        size = 7 + 12 * near
        with canvas.ink("#ffbe5c", 0.9) as pen:
            for x in range(round(edges[0] + size), round(edges[1] - size), round(size * 2.3)):
                for y in range(round(top + size), 400, round(size * 2.6)):
                    if canvas.random.random() < 0.3:
                        pen.rect(x, y, x + size, y + size * 1.35)


def _tram_front(canvas: Canvas) -> None:
    with canvas.ink("#b8323a") as pen:
        pen.pill(502, 224, 698, 492, 26)
    with canvas.ink("#f3e3c3") as pen:
        pen.pill(510, 262, 690, 382, 16)
    with canvas.ink("#16203f") as pen:
        pen.pill(518, 272, 682, 374, 12)
    with canvas.ink("#ffcb7a", blur=3) as pen:
        pen.pill(526, 278, 674, 368, 10)
    with canvas.ink("#26140f", 0.85) as pen:
        for x in (556, 600, 648):
            pen.ellipse(x, 342, 10)
            pen.pill(x - 16, 352, x + 16, 374, 9)
    with canvas.ink("#7d1f2b") as pen:
        pen.rect(502, 440, 698, 462)
        pen.line([(600, 272), (600, 374)], 3)
    with canvas.ink("#10142a") as pen:
        pen.pill(560, 232, 640, 256, 6)
    with canvas.light("#ffb02e") as pen:
        pen.arc(600, 240, 5, 0, 360, 2.4)
        pen.line([(605, 240), (604, 248), (597, 253)], 2.4)
    for x in (536, 664):
        canvas.glow(x, 418, 120, "#fff1c9", alpha=0.95)
        with canvas.light("#ffffff") as pen:
            pen.ellipse(x, 418, 13)


def oldmere_depot() -> Image.Image:
    """Two cars at rest in the depot, before dawn."""
    canvas = Canvas(640, 480, 32)
    canvas.gradient((0, "#f2b58a"), (0.5, "#e9896f"), (1, "#b7536b"))
    canvas.glow(470, 120, 260, "#ffe3a8")
    with canvas.ink("#5a2c4d") as pen:
        for n in range(4):
            pen.polygon([(n * 170 - 30, 190), (n * 170 - 30, 110), (n * 170 + 140, 190)])
        pen.rect(0, 188, 640, 400)
    for n in range(2):
        with canvas.ink("#2c1633") as pen:
            pen.pill(30 + n * 300, 226, 310 + n * 300, 460, 90)
    canvas.glow(320, 330, 380, "#ffb45e", ry=170, alpha=0.5)
    for x, paint in ((48, "#2f7f86"), (346, "#c8453f")):
        _tram_side(canvas, x, paint)
    with canvas.ink("#241129") as pen:
        pen.rect(0, 408, 640, 480)
    with canvas.light("#ffc98a", 0.5) as pen:
        for y in (422, 446):
            pen.rect(0, y, 640, y + 2.5)
    return canvas.finish()


def _tram_side(canvas: Canvas, x: float, paint: str) -> None:
    with canvas.ink("#1a0d20") as pen:
        for wheel in (46, 82, 170, 206):
            pen.ellipse(x + wheel, 402, 13)
        pen.line([(x + 100, 290), (x + 130, 256), (x + 160, 290)], 3)
    with canvas.ink("#f4e4c6") as pen:
        pen.pill(x, 288, x + 250, 396, 16)
    with canvas.ink(paint) as pen:
        pen.rect(x, 350, x + 250, 380)
        pen.pill(x, 372, x + 250, 398, 10)
    with canvas.ink("#33203c") as pen:
        for n in range(6):
            pen.pill(x + 14 + n * 38, 302, x + 44 + n * 38, 342, 5)
    with canvas.ink("#ffc86e", blur=2) as pen:
        for n in canvas.random.sample(range(6), 4):
            pen.pill(x + 17 + n * 38, 305, x + 41 + n * 38, 339, 4)


def wickenfell_lanterns() -> Image.Image:
    """Paper lanterns under the beams of the wool hall."""
    canvas = Canvas(800, 800, 33)
    canvas.gradient((0, "#120a1f"), (0.5, "#3a1730"), (1, "#6b2a2e"))
    for _ in range(60):
        tint = canvas.random.choice(("#ff9a4a", "#ff6f59", "#ffd36b", "#c85aa0"))
        canvas.glow(
            canvas.random.uniform(0, 800),
            canvas.random.uniform(60, 780),
            canvas.random.uniform(14, 52),
            tint,
            alpha=canvas.random.uniform(0.25, 0.6),
        )
    with canvas.ink("#0c0613") as pen:
        for y in (70, 210):
            pen.polygon(
                [
                    (0, y + 60),
                    (400, y - 40),
                    (800, y + 60),
                    (800, y + 82),
                    (400, y - 18),
                    (0, y + 82),
                ]
            )
        for x in (150, 400, 650):
            pen.rect(x - 9, 0, x + 9, 300)
    for row, (size, y) in enumerate(((34, 270), (50, 420), (72, 600))):
        for n in range(7 - row * 2 + 1):
            place = (n + 0.5) * 800 / (8 - row * 2) + canvas.random.uniform(-22, 22)
            _lantern(
                canvas,
                place,
                y + canvas.random.uniform(-44, 44),
                size,
                canvas.random.choice(_PAPERS),
            )
    return canvas.finish(vignette=0.45)


_PAPERS = (
    ("#e8452c", "#ffb257"),
    ("#f08a24", "#ffe08a"),
    ("#d63a6a", "#ffa6b0"),
    ("#e9b949", "#fff3bd"),
    ("#3f8f9b", "#c9f4e4"),
)


def _lantern(canvas: Canvas, x: float, y: float, size: float, paper: tuple[str, str]) -> None:
    paint, shine = paper
    with canvas.ink("#0c0613") as pen:
        pen.line([(x, 0), (x, y)], 1.4)
    canvas.glow(x, y, size * 2.5, paint, alpha=0.75)
    with canvas.ink(paint) as pen:
        pen.ellipse(x, y, size, size * 0.86)
    canvas.glow(x, y + size * 0.1, size * 1.02, shine, ry=size * 0.9)
    with canvas.ink("#3a0f14", 0.3) as pen:
        for turn in (0.25, 0.52, 0.78, 0.96):
            bow = [
                (
                    x + size * turn * math.cos(t / 10 * math.pi),
                    y + size * 0.86 * math.sin(t / 10 * math.pi),
                )
                for t in range(-5, 6)
            ]
            pen.line(bow, 1.2)
            pen.line([(2 * x - px, py) for px, py in bow], 1.2)
    with canvas.ink("#1c0a12") as pen:
        pen.pill(x - size * 0.3, y - size * 0.96, x + size * 0.3, y - size * 0.8, 3)
        pen.pill(x - size * 0.3, y + size * 0.8, x + size * 0.3, y + size * 0.96, 3)
        for strand in (-0.1, 0, 0.1):
            pen.line(
                [(x + strand * size, y + size * 0.9), (x + strand * size * 1.6, y + size * 1.4)],
                1.4,
            )
