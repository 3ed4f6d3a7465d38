"""Procedural captioned scenes: the training data of the mini checkpoint.

One scene is a flat-colour landscape of 128 x 128 px, RGB, with what a caption can say
of it and the boxes of the things in it. Everything follows from one integer seed.
Seeds below TEST_SEED train; seeds from TEST_SEED on are never trained on.
"""
from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw

SIZE = 128
SCALE = 2  # drawn larger, then reduced, for smooth edges
TEST_SEED = 1_000_000_000

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]  # left, top, right, bottom

SKIES: dict[str, tuple[Colour, Colour]] = {
    "day": ((96, 170, 235), (200, 228, 248)),
    "sunset": ((92, 72, 140), (250, 160, 90)),
    "night": ((14, 20, 48), (44, 60, 110)),
    "overcast": ((140, 150, 162), (200, 205, 210)),
}
GROUNDS: dict[str, tuple[Colour, Colour]] = {
    "meadow": ((120, 180, 80), (70, 130, 50)),
    "snow": ((240, 244, 250), (205, 215, 230)),
    "desert": ((232, 200, 130), (205, 160, 90)),
    "sea": ((60, 130, 180), (25, 75, 125)),
}
LIGHT = {"day": 0.0, "sunset": 0.2, "night": 0.5, "overcast": 0.12}  # share of the sky's colour in the ground's
COLOURS: dict[str, Colour] = {
    "red": (205, 45, 40),
    "orange": (238, 130, 35),
    "yellow": (245, 212, 50),
    "green": (35, 150, 75),
    "blue": (45, 90, 205),
    "purple": (140, 65, 180),
    "white": (246, 246, 242),
}
WHITE, CREAM, BROWN, DARK = (255, 255, 255), (250, 235, 170), (110, 70, 45), (45, 45, 52)


@dataclass(frozen=True)
class Thing:
    name: str  # as a caption names it: "a red house"
    box: tuple[int, int, int, int]  # left, top, right, bottom in px of the finished picture


@dataclass(frozen=True)
class Scene:
    image: Image.Image
    things: list[Thing]
    extras: list[Thing]  # sun, moon, clouds, mountains
    sky: str
    ground: str


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """The colour at share t of the way from a to b."""
    return tuple(round(x + (y - x) * t) for x, y in zip(a, b))


class Pen:
    """Draws in units of one thing: x from -0.5 to 0.5 about its middle, y from 0 (foot) up to 1 (top)."""

    def __init__(self, draw: ImageDraw.ImageDraw, x: float, base: float, height: float):
        self.draw, self.x, self.base, self.height = draw, x, base, height

    def _points(self, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(self.x + self.height * x, self.base - self.height * y) for x, y in points]

    def polygon(self, points: list[tuple[float, float]], fill: Colour) -> None:
        self.draw.polygon(self._points(points), fill=fill)

    def rectangle(self, box: Box, fill: Colour) -> None:
        left, bottom, right, top = box
        (x0, y0), (x1, y1) = self._points([(left, top), (right, bottom)])
        self.draw.rectangle([x0, y0, x1, y1], fill=fill)

    def ellipse(self, x: float, y: float, radii: tuple[float, float], fill: Colour) -> None:
        (x0, y0), (x1, y1) = self._points([(x - radii[0], y + radii[1]), (x + radii[0], y - radii[1])])
        self.draw.ellipse([x0, y0, x1, y1], fill=fill)

    def pill(self, box: Box, fill: Colour) -> None:
        left, bottom, right, top = box
        (x0, y0), (x1, y1) = self._points([(left, top), (right, bottom)])
        self.draw.rounded_rectangle([x0, y0, x1, y1], radius=min(x1 - x0, y1 - y0) / 2, fill=fill)


def draw_house(pen: Pen, colour: Colour) -> None:
    pen.rectangle((-0.52, 0, 0.52, 0.6), colour)
    pen.polygon([(-0.64, 0.57), (0, 1), (0.64, 0.57)], mix(colour, (60, 35, 30), 0.72))
    pen.rectangle((-0.1, 0, 0.1, 0.34), (85, 55, 40))
    for x in (-0.32, 0.32):
        pen.rectangle((x - 0.1, 0.24, x + 0.1, 0.45), CREAM)


def draw_pine(pen: Pen, _colour: Colour) -> None:
    pen.rectangle((-0.05, 0, 0.05, 0.2), (95, 65, 40))
    for i in range(3):
        y, w = 0.15 + 0.25 * i, 0.36 - 0.08 * i
        pen.polygon([(-w, y), (0, y + 0.36), (w, y)], mix((35, 95, 60), (90, 150, 90), i * 0.2))


def draw_oak(pen: Pen, _colour: Colour) -> None:
    pen.rectangle((-0.06, 0, 0.06, 0.45), (105, 72, 45))
    for x, y, r in ((-0.18, 0.58, 0.23), (0.18, 0.58, 0.23), (0, 0.73, 0.27)):
        pen.ellipse(x, y, (r, r), (80, 150, 60))


def draw_sailboat(pen: Pen, colour: Colour) -> None:
    pen.polygon([(-0.52, 0.22), (0.52, 0.22), (0.34, 0), (-0.34, 0)], BROWN)
    pen.polygon([(0.02, 1), (0.02, 0.27), (0.45, 0.27)], colour)
    pen.polygon([(-0.04, 0.92), (-0.04, 0.27), (-0.4, 0.27)], mix(colour, WHITE, 0.25))


def draw_balloon(pen: Pen, colour: Colour) -> None:
    pen.polygon([(-0.3, 0.46), (-0.08, 0.13), (0.08, 0.13), (0.3, 0.46)], mix(colour, (90, 70, 60), 0.55))
    pen.ellipse(0, 0.64, (0.36, 0.36), colour)
    pen.ellipse(0, 0.64, (0.13, 0.36), mix(colour, WHITE, 0.35))
    pen.rectangle((-0.11, 0, 0.11, 0.15), (130, 85, 50))


def draw_car(pen: Pen, colour: Colour) -> None:
    pen.polygon([(-0.62, 0.52), (-0.4, 1), (0.36, 1), (0.6, 0.52)], colour)
    pen.polygon([(-0.46, 0.54), (-0.32, 0.88), (-0.05, 0.88), (-0.05, 0.54)], (205, 228, 240))
    pen.polygon([(0.05, 0.54), (0.05, 0.88), (0.29, 0.88), (0.45, 0.54)], (205, 228, 240))
    pen.pill((-1, 0.18, 1, 0.6), colour)
    for x in (-0.55, 0.55):
        pen.ellipse(x, 0.2, (0.22, 0.22), DARK)
        pen.ellipse(x, 0.2, (0.1, 0.1), (190, 190, 195))


def draw_cactus(pen: Pen, _colour: Colour) -> None:
    green = (50, 130, 75)
    pen.pill((-0.1, -0.04, 0.1, 1), green)
    pen.pill((-0.36, 0.36, -0.05, 0.5), green)
    pen.pill((-0.36, 0.36, -0.21, 0.78), green)
    pen.pill((0.05, 0.26, 0.36, 0.4), green)
    pen.pill((0.21, 0.26, 0.36, 0.66), green)


@dataclass(frozen=True)
class Kind:
    """How one sort of thing is drawn; half its width and its height are in units of the drawn size."""

    draw: Callable[[Pen, Colour], None]
    half_width: float
    coloured: bool
    size: float = 1.0  # of the common height
    article: str = "a"


KINDS = {
    "house": Kind(draw_house, 0.64, True),
    "pine tree": Kind(draw_pine, 0.36, False, 1.1),
    "oak tree": Kind(draw_oak, 0.41, False, 1.1, "an"),
    "sailboat": Kind(draw_sailboat, 0.52, True),
    "balloon": Kind(draw_balloon, 0.36, True, 1.1),
    "car": Kind(draw_car, 1.0, True, 0.5),
    "cactus": Kind(draw_cactus, 0.36, False),
}
GROWS_IN = {
    "meadow": ["house", "pine tree", "oak tree", "balloon", "car"],
    "snow": ["house", "pine tree", "balloon", "car"],
    "desert": ["house", "cactus", "balloon", "car"],
    "sea": ["sailboat", "sailboat", "balloon"],
}


def _pixels(box: Box) -> tuple[int, int, int, int]:
    left, top, right, bottom = (v / SCALE for v in box)
    return math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)


def _gradient(draw: ImageDraw.ImageDraw, rows: tuple[int, int], colours: tuple[Colour, Colour]) -> None:
    top, bottom = rows
    for y in range(top, bottom):
        draw.line([(0, y), (SIZE * SCALE, y)], fill=mix(*colours, (y - top) / max(1, bottom - top - 1)))


def _draw_sky_things(draw: ImageDraw.ImageDraw, sky: str, rng: random.Random) -> list[Thing]:
    n = SIZE * SCALE
    if sky == "night" or (sky != "overcast" and rng.random() < 0.35):
        r, x, y = n * rng.uniform(0.06, 0.1), n * rng.uniform(0.12, 0.88), n * rng.uniform(0.12, 0.26)
        box = (x - r, y - r, x + r, y + r)
        draw.ellipse(box, fill=(240, 238, 215) if sky == "night" else (255, 235, 150))
        return [Thing("the moon" if sky == "night" else "the sun", _pixels(box))]
    things = []
    if rng.random() < 0.5:
        white = {"day": (250, 250, 252), "sunset": (250, 205, 180), "overcast": (232, 234, 238)}[sky]
        for _ in range(rng.randint(1, 3)):
            x, y, s = n * rng.uniform(0.1, 0.9), n * rng.uniform(0.1, 0.3), n * rng.uniform(0.06, 0.1)
            for dx, r in ((-1.1, 0.6), (0, 0.9), (1.1, 0.65)):
                draw.ellipse([x + s * (dx - r), y - s * r, x + s * (dx + r), y + s * r * 0.8], fill=white)
            things.append(Thing("a cloud", _pixels((x - 1.7 * s, y - 0.9 * s, x + 1.75 * s, y + 0.72 * s))))
    return things


def _draw_mountains(draw: ImageDraw.ImageDraw, horizon: int, sky: str, rng: random.Random) -> list[Thing]:
    n = SIZE * SCALE
    tint, snowy, boxes = mix((110, 120, 140), SKIES[sky][0], 0.35), rng.random() < 0.5, []
    for _ in range(rng.randint(2, 3)):
        x, w, h = n * rng.uniform(0.05, 0.95), n * rng.uniform(0.22, 0.42), n * rng.uniform(0.16, 0.34)
        draw.polygon([(x - w, horizon), (x, horizon - h), (x + w, horizon)], fill=mix(tint, (40, 50, 70), rng.random() * 0.25))
        if snowy:
            draw.polygon([(x - w * 0.28, horizon - h * 0.72), (x, horizon - h), (x + w * 0.28, horizon - h * 0.72)], fill=(245, 247, 252))
        boxes.append((max(0, x - w), horizon - h, min(n, x + w), horizon))
    lefts, tops, rights, bottoms = zip(*boxes)
    return [Thing("mountains", _pixels((min(lefts), min(tops), max(rights), max(bottoms))))]


def _draw_things(draw: ImageDraw.ImageDraw, horizon: int, ground: str, rng: random.Random) -> list[Thing]:
    n = SIZE * SCALE
    count = rng.choices([0, 1, 2], [0.1, 0.65, 0.25])[0]
    things: list[Thing] = []
    spans: list[tuple[float, float]] = []
    for _ in range(count):
        name = rng.choice(GROWS_IN[ground])
        kind = KINDS[name]
        height = n * kind.size * (rng.uniform(0.34, 0.58) if count == 1 else rng.uniform(0.28, 0.4))
        reach = height * kind.half_width
        x = rng.uniform(min(reach, n * 0.45), max(n - reach, n * 0.55)) if rng.random() < 0.9 else n * rng.uniform(0.05, 0.95)
        if any(x - reach < right and left < x + reach for left, right in spans):
            continue
        spans.append((x - reach, x + reach))
        if name == "balloon":
            base = height + n * rng.uniform(0.03, 0.22)
        else:
            base = min(horizon + n * rng.uniform(0.05, 0.3), n * 0.97)
        colour = rng.choice(list(COLOURS))
        kind.draw(Pen(draw, x, base, height), COLOURS[colour])
        label = f"{'an' if colour == 'orange' else 'a'} {colour} {name}" if kind.coloured else f"{kind.article} {name}"
        things.append(Thing(label, _pixels((x - reach, base - height, x + reach, base))))
    return things


def draw_scene(draw: ImageDraw.ImageDraw, seed: int) -> tuple[list[Thing], list[Thing], str, str, int]:
    """Draws the scene of one seed, always the same: its things, extras, sky, ground and horizon (row of the large picture)."""
    rng = random.Random(seed)
    n = SIZE * SCALE
    sky, ground = rng.choice(list(SKIES)), rng.choice(list(GROUNDS))
    horizon = int(n * rng.uniform(0.42, 0.68))
    _gradient(draw, (0, horizon), SKIES[sky])
    extras = _draw_sky_things(draw, sky, rng)
    if rng.random() < 0.4:
        extras += _draw_mountains(draw, horizon, sky, rng)
    top, bottom = (mix(c, SKIES[sky][0], LIGHT[sky]) for c in GROUNDS[ground])
    _gradient(draw, (horizon, n), (top, bottom))
    things = _draw_things(draw, horizon, ground, rng)
    return things, extras, sky, ground, horizon


def make_scene(seed: int) -> Scene:
    """The scene of one seed, always the same."""
    image = Image.new("RGB", (SIZE * SCALE, SIZE * SCALE))
    things, extras, sky, ground, _ = draw_scene(ImageDraw.Draw(image), seed)
    return Scene(image.resize((SIZE, SIZE), Image.LANCZOS), things, extras, sky, ground)


if __name__ == "__main__":
    sheet = Image.new("RGB", (SIZE * 8, SIZE * 5))
    for i in range(40):
        scene = make_scene(i)
        sheet.paste(scene.image, ((i % 8) * SIZE, (i // 8) * SIZE))
    sheet.save("scenes.png")
