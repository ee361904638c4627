"""Scenes on the water: the bridge, the ferry, the pier."""

from __future__ import annotations

import math

from canvas import Canvas, Pen
from PIL import Image


def kessmark_bridge() -> Image.Image:
    """A suspension bridge in the mist of the morning, and the first cyclists."""
    canvas = Canvas(1200, 675, 13)
    canvas.gradient(
        (0, "#5f8fb4"), (0.45, "#b9cfd6"), (0.75, "#fbd9b5"), (1, "#ffb98a"), bottom=470
    )
    canvas.glow(330, 400, 560, "#fff1cf", ry=360, alpha=0.95)
    canvas.ridge(400, 26, "#a9b9c2")
    canvas.haze(340, 470, "#ffe3c4", 0.75)
    canvas.ridge(436, 18, "#7f98a6")
    canvas.haze(390, 480, "#ffe9d2", 0.7)
    deck = 392.0
    with canvas.ink("#27404f") as pen:
        _spans(pen, (300, 900), deck, 170)
        for tower in (300, 900):
            for side in (-15, 15):
                pen.polygon(
                    [
                        (tower + side - 6, 470),
                        (tower + side * 0.75 - 4, 160),
                        (tower + side * 0.75 + 4, 160),
                        (tower + side + 6, 470),
                    ]
                )
            for y in (176, 250, 330, 410):
                pen.rect(tower - 16, y, tower + 16, y + 9)
        pen.rect(0, deck, 1200, deck + 11)
        for x in range(0, 1200, 24):
            pen.line([(x, deck + 11), (x + 12, deck + 22), (x + 24, deck + 11)], 1.6)
        pen.line([(0, deck + 22), (1200, deck + 22)], 2)
    with canvas.ink("#1b2a36") as pen:
        for x in (398, 436, 462, 520, 548, 610, 655, 690, 770, 806):
            _cyclist(pen, x, deck)
    canvas.reflect(470, "#46697f", 0.35)
    canvas.haze(430, 540, "#fff0dd", 0.65)
    return canvas.finish(vignette=0.25)


def _spans(pen: Pen, towers: tuple[float, float], deck: float, top: float) -> None:
    left, right = towers
    half, middle = (right - left) / 2, (left + right) / 2

    def sag(x: float) -> float:
        if left <= x <= right:
            off = (x - middle) / half
            return deck - 16 - (deck - 16 - top) * off * off
        reach = min(1.0, (left - x if x < left else x - right) / half)
        return top + (deck - top) * (1 - math.pow(1 - reach, 1.8))

    pen.line([(x, sag(x)) for x in range(0, 1201, 5)], 4.5)
    for x in range(12, 1200, 16):
        pen.line([(x, sag(x)), (x, deck)], 0.9)


def _cyclist(pen: Pen, x: float, road: float) -> None:
    for wheel in (x - 7, x + 7):
        pen.arc(wheel, road - 6, 6, 0, 360, 1.3)
    pen.line([(x - 7, road - 6), (x - 2, road - 15), (x + 6, road - 15), (x + 7, road - 6)], 1.3)
    pen.line([(x - 3, road - 17), (x + 3, road - 26), (x + 6, road - 16)], 3.2)
    pen.ellipse(x + 5, road - 30, 3)


def ferry_skua() -> Image.Image:
    """A white ferry under way, islands behind, porpoises ahead."""
    canvas = Canvas(1280, 720, 14)
    canvas.gradient((0, "#2a7fb8"), (0.6, "#8fd0dd"), (1, "#f2f3d8"), bottom=400)
    canvas.glow(1010, 130, 420, "#fff6d0", alpha=0.9)
    with canvas.ink("#ffffff", 0.55, blur=14) as pen:
        for _ in range(9):
            pen.ellipse(
                canvas.random.uniform(0, 1280),
                canvas.random.uniform(90, 250),
                canvas.random.uniform(60, 190),
                canvas.random.uniform(6, 16),
            )
    canvas.ridge(372, 16, "#7fb1bd", 0.8)
    canvas.haze(320, 410, "#eef6e6", 0.6)
    canvas.ridge(394, 12, "#3f7f86", 1.2)
    canvas.gradient((0, "#3c9aa6"), (0.35, "#157083"), (1, "#073a52"), top=402)
    _swell(canvas, 402)
    _hull(canvas)
    with canvas.ink("#10324a") as pen:
        for x, y, s in ((1010, 560, 1.0), (1100, 600, 1.3), (930, 622, 1.1)):
            _porpoise(pen, x, y, s)
    with canvas.ink("#ffffff", 0.8, blur=2) as pen:
        for x, y in ((983, 562), (1064, 602), (900, 624), (1040, 561), (1140, 601)):
            pen.ellipse(x, y, 14, 2.5)
    return canvas.finish(vignette=0.25)


def _swell(canvas: Canvas, horizon: float) -> None:
    for n in range(70):
        near = (n / 70) ** 1.6
        y = horizon + 4 + near * (canvas.height - horizon)
        with canvas.light("#c9fbff", 0.1 + 0.14 * canvas.random.random(), blur=0.8) as pen:
            for _ in range(6):
                pen.ellipse(
                    canvas.random.uniform(0, canvas.width),
                    y,
                    14 + 90 * near * canvas.random.random(),
                    0.7 + 2.2 * near,
                )


def _hull(canvas: Canvas) -> None:
    with canvas.ink("#eafcff", 0.85, blur=5) as pen:
        pen.polygon(
            [(0, 520), (260, 494), (850, 506), (905, 520), (600, 530), (240, 528), (0, 548)]
        )
    with canvas.ink("#f7f5ec") as pen:
        pen.polygon([(232, 424), (884, 424), (842, 512), (262, 512)])
        pen.polygon([(290, 372), (762, 372), (800, 426), (280, 426)])
        pen.polygon([(560, 326), (716, 326), (742, 374), (548, 374)])
    with canvas.ink("#d8433b") as pen:
        pen.polygon([(252, 480), (858, 480), (842, 514), (262, 514)])
        pen.rect(352, 306, 402, 374)
    with canvas.ink("#173b4f") as pen:
        pen.polygon([(572, 336), (712, 336), (722, 354), (566, 354)])
        for x in range(308, 752, 36):
            pen.pill(x, 386, x + 24, 404, 4)
        for x in range(276, 846, 30):
            pen.ellipse(x, 452, 5)
        pen.line([(640, 326), (640, 270)], 3)
        pen.line([(622, 286), (658, 286)], 2)
    with canvas.ink("#0b2a3c", 0.22) as pen:
        pen.polygon([(232, 424), (884, 424), (879, 434), (236, 434)])
        pen.rect(290, 366, 762, 373)
    with canvas.ink("#ffe066") as pen:
        pen.polygon([(384, 322), (368, 344), (377, 344), (370, 362), (388, 338), (378, 338)])


def _porpoise(pen: Pen, x: float, y: float, s: float) -> None:
    back = [
        (x + s * 44 * math.cos(a / 20 * math.pi), y - s * 26 * math.sin(a / 20 * math.pi))
        for a in range(21)
    ]
    belly = [(x - s * 40 + s * 4 * n, y - s * 11 * math.sin(n / 20 * math.pi)) for n in range(20)]
    pen.polygon([*back, *belly])
    pen.polygon([(x - s * 8, y - s * 24), (x - s * 14, y - s * 40), (x + s * 8, y - s * 25)])


def hesk_pier() -> Image.Image:
    """A wooden pier that runs into the fog."""
    canvas = Canvas(800, 600, 15)
    canvas.gradient((0, "#8fa9b5"), (0.6, "#d7d9cf"), (1, "#f0e2c8"), bottom=300)
    canvas.glow(540, 190, 300, "#fff3d4")
    with canvas.light("#fffbe9", 0.9) as pen:
        pen.ellipse(540, 190, 34)
    canvas.ridge(286, 10, "#b3c0c2")
    canvas.haze(240, 330, "#f2ead8", 0.8)
    canvas.reflect(300, "#5d8291", 0.38, ripple=3)
    _swell(canvas, 300)
    with canvas.ink("#3a4044") as pen:
        pen.polygon([(385, 300), (415, 300), (720, 600), (80, 600)])
    for n in range(34):
        near, far = (n / 34) ** 2.2, ((n + 0.8) / 34) ** 2.2
        colour = canvas.random.choice(("#8d7a66", "#9a8670", "#7f6c5b", "#a08d78"))
        top, bottom = 300 + 300 * near, 300 + 300 * far
        with canvas.ink(colour) as pen:
            pen.polygon(
                [
                    (385 - 305 * near, top),
                    (415 + 305 * near, top),
                    (415 + 305 * far, bottom),
                    (385 - 305 * far, bottom),
                ]
            )
    for n in range(1, 7):
        near = (n / 6.5) ** 2.2
        for side in (-1, 1):
            x, y = 400 + side * (17 + 300 * near), 302 + 298 * near
            with canvas.ink("#2b3236") as pen:
                pen.line([(x, y + 26 * near), (x, y - 40 - 190 * near)], 2 + 9 * near)
            canvas.glow(x, y - 44 - 196 * near, 22 + 70 * near, "#ffd27a", alpha=0.9)
            with canvas.light("#fff3cf") as pen:
                pen.ellipse(x, y - 44 - 196 * near, 2.5 + 7 * near)
    canvas.haze(220, 420, "#f1ead9", 0.55)
    return canvas.finish(vignette=0.3)
