"""A canvas for layered pictures: gradients, inks, lights, reflections and grain.

The same seed gives the same bytes.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

SCALE = 2  # drawn at twice the size and scaled down, which smooths every edge

Point = tuple[float, float]
Stop = tuple[float, str]


class Pen:
    """Draws on a mask, in the coordinates of the finished picture."""

    def __init__(self, mask: Image.Image) -> None:
        self._draw = ImageDraw.Draw(mask)

    def polygon(self, points: Sequence[Point]) -> None:
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=255)

    def rect(self, left: float, top: float, right: float, bottom: float) -> None:
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)])

    def pill(self, left: float, top: float, right: float, bottom: float, radius: float) -> None:
        box = (left * SCALE, top * SCALE, right * SCALE, bottom * SCALE)
        self._draw.rounded_rectangle(box, radius * SCALE, fill=255)

    def line(self, points: Sequence[Point], width: float = 1.0) -> None:
        path = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(path, fill=255, width=max(1, round(width * SCALE)), joint="curve")

    def ellipse(self, x: float, y: float, rx: float, ry: float | None = None) -> None:
        ry = rx if ry is None else ry
        self._draw.ellipse(
            [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE], fill=255
        )

    def arc(
        self, x: float, y: float, radius: float, start: float, end: float, width: float
    ) -> None:
        box = [
            (x - radius) * SCALE,
            (y - radius) * SCALE,
            (x + radius) * SCALE,
            (y + radius) * SCALE,
        ]
        self._draw.arc(box, start, end, fill=255, width=max(1, round(width * SCALE)))


class Canvas:
    """A picture of *width* x *height*; *seed* decides all that is left to chance."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.width, self.height = width, height
        self.random = random.Random(seed)
        self._image = Image.new("RGB", (width * SCALE, height * SCALE))

    @contextmanager
    def ink(self, colour: str, alpha: float = 1.0, blur: float = 0.0) -> Iterator[Pen]:
        """Covers what lies below."""
        mask = Image.new("L", self._image.size)
        yield Pen(mask)
        self._image.paste(ImageColor.getrgb(colour), (0, 0), _soften(mask, alpha, blur))

    @contextmanager
    def light(self, colour: str, alpha: float = 1.0, blur: float = 0.0) -> Iterator[Pen]:
        """Brightens what lies below."""
        mask = Image.new("L", self._image.size)
        yield Pen(mask)
        self._shine(colour, _soften(mask, alpha, blur))

    def gradient(self, *stops: Stop, top: float = 0.0, bottom: float | None = None) -> None:
        """Fills a band from *top* to *bottom* with colours at shares of its height."""
        first, last = round(top * SCALE), round((self.height if bottom is None else bottom) * SCALE)
        column = Image.new("RGB", (1, last - first))
        for row in range(last - first):
            column.putpixel((0, row), _colour_at(stops, row / max(1, last - first - 1)))
        self._image.paste(column.resize((self._image.width, last - first)), (0, first))

    def glow(
        self,
        x: float,
        y: float,
        rx: float,
        colour: str,
        ry: float | None = None,
        alpha: float = 1.0,
    ) -> None:
        """A round light that fades to its rim."""
        ry = rx if ry is None else ry
        size = (max(2, round(rx * 2 * SCALE)), max(2, round(ry * 2 * SCALE)))
        disc = Image.radial_gradient("L").point(
            lambda v: round(alpha * 255 * max(0.0, 1 - v / 181) ** 2.2)
        )
        mask = Image.new("L", self._image.size)
        mask.paste(
            disc.resize(size, Image.Resampling.BICUBIC),
            (round((x - rx) * SCALE), round((y - ry) * SCALE)),
        )
        self._shine(colour, mask)

    def haze(self, top: float, bottom: float, colour: str, alpha: float) -> None:
        """A bank of mist, thickest in its middle."""
        rows = round((bottom - top) * SCALE)
        column = Image.new("L", (1, rows))
        for row in range(rows):
            column.putpixel((0, row), round(255 * alpha * math.sin(math.pi * row / rows) ** 2))
        mask = Image.new("L", self._image.size)
        mask.paste(column.resize((self._image.width, rows)), (0, round(top * SCALE)))
        self._image.paste(ImageColor.getrgb(colour), (0, 0), mask)

    def ridge(self, base: float, swell: float, colour: str, roughness: float = 1.0) -> list[Point]:
        """A range of hills down to the lower edge; returns its skyline."""
        waves = [
            (self.random.uniform(0.6, 1.4) * n, self.random.uniform(0, 6.3), 1 / n**1.1)
            for n in (1, 2, 3, 5, 9, 17)
        ]
        skyline = []
        for x in range(-4, self.width + 5, 3):
            lift = sum(a * math.sin(f * roughness * 6.3 * x / self.width + p) for f, p, a in waves)
            skyline.append((float(x), base - swell * lift))
        with self.ink(colour) as pen:
            pen.polygon([*skyline, (self.width + 4, self.height), (-4, self.height)])
        return skyline

    def stars(self, count: int, below: float, colour: str = "#ffffff") -> None:
        """Stars of three sizes down to the height *below*."""
        for radius, share in ((0.5, 0.75), (0.85, 0.2), (1.4, 0.05)):
            with self.light(colour, alpha=0.35 + radius * 0.4) as pen:
                for _ in range(round(count * share)):
                    x, y = self.random.uniform(0, self.width), below * self.random.random() ** 1.25
                    pen.ellipse(x, y, radius)

    def reflect(self, waterline: float, tint: str, depth: float = 0.4, ripple: float = 5.0) -> None:
        """Mirrors what stands above the waterline into the water, with ripples.

        The water is darkened by *depth* towards *tint*.
        """
        line, width = round(waterline * SCALE), self._image.width
        rows = self._image.height - line
        mirror = self._image.crop((0, line - min(line, rows), width, line)).transpose(
            Image.Transpose.FLIP_TOP_BOTTOM
        )
        mirror = mirror.resize((width, rows)).filter(ImageFilter.GaussianBlur(1.5 * SCALE))
        phase = self.random.uniform(0, 6.3)
        for row in range(rows):
            far = row / rows
            sway = math.sin(phase + 90 * far**0.6) + 0.6 * math.sin(2.3 * phase + 210 * far**0.7)
            shift = round(sway * ripple * SCALE * (0.25 + far))
            strip = ImageChops.offset(mirror.crop((0, row, width, row + 1)), shift, 0)
            self._image.paste(strip, (0, line + row))
        water = Image.new("RGB", (width, rows), ImageColor.getrgb(tint))
        seen = self._image.crop((0, line, width, line + rows))
        self._image.paste(Image.blend(seen, water, depth), (0, line))

    def finish(self, grain: float = 4.0, vignette: float = 0.35) -> Image.Image:
        """The picture at its real size, darker at the corners, with a little grain."""
        size = (self.width, self.height)
        image = self._image.resize(size, Image.Resampling.LANCZOS)
        shade = (
            Image.radial_gradient("L")
            .resize(size)
            .point(lambda v: round(255 * (1 - vignette * (v / 255) ** 2)))
        )
        image = ImageChops.multiply(image, Image.merge("RGB", [shade] * 3))
        noise = Image.frombytes("L", size, self.random.randbytes(self.width * self.height))
        noise = noise.filter(ImageFilter.GaussianBlur(0.7)).point(
            lambda v: round(128 + (v - 128) * grain / 50)
        )
        return ImageChops.add(image, Image.merge("RGB", [noise] * 3), 1, -128)

    def _shine(self, colour: str, mask: Image.Image) -> None:
        lit = Image.composite(
            Image.new("RGB", mask.size, ImageColor.getrgb(colour)),
            Image.new("RGB", mask.size),
            mask,
        )
        self._image = ImageChops.screen(self._image, lit)


def _soften(mask: Image.Image, alpha: float, blur: float) -> Image.Image:
    if blur:
        mask = mask.filter(ImageFilter.GaussianBlur(blur * SCALE))
    return mask if alpha >= 1 else mask.point(lambda v: round(v * alpha))


def _colour_at(stops: Sequence[Stop], share: float) -> tuple[int, int, int]:
    for (start, first), (end, second) in itertools.pairwise(stops):
        if share <= end:
            mix = (share - start) / (end - start) if end > start else 0.0
            return _mix(ImageColor.getrgb(first), ImageColor.getrgb(second), mix)
    red, green, blue = ImageColor.getrgb(stops[-1][1])[:3]
    return red, green, blue


def _mix(first: tuple[int, ...], second: tuple[int, ...], share: float) -> tuple[int, int, int]:
    """*share* of the second colour, the rest of the first."""
    pairs = zip(first[:3], second[:3], strict=True)
    red, green, blue = (round(a + (b - a) * share) for a, b in pairs)
    return red, green, blue
