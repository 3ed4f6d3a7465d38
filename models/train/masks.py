"""Masks as people draw them: a box, an oval or brush strokes over a thing, loose shapes, a border to expand into."""
from __future__ import annotations

import random

from PIL import Image, ImageDraw

from scenes import SIZE, Scene, Thing

THING_SHARE, EXTRA_SHARE, BORDER_SHARE = 0.6, 0.1, 0.15  # of the masks; the rest are loose shapes


def _over(thing: Thing, rng: random.Random) -> Image.Image:
    mask = Image.new("L", (SIZE, SIZE))
    draw = ImageDraw.Draw(mask)
    left, top, right, bottom = (edge + sign * rng.uniform(1, 18) for edge, sign in zip(thing.box, (-1, -1, 1, 1)))
    shape = rng.random()
    if shape < 0.6:
        draw.rectangle([left, top, right, bottom], fill=255)
    elif shape < 0.8:  # an oval around the box is wider than it by a factor of about the root of two
        dx, dy = (right - left) * 0.16, (bottom - top) * 0.16
        draw.ellipse([left - dx, top - dy, right + dx, bottom + dy], fill=255)
    else:
        r = rng.uniform(8, 14)
        y = top + r / 2
        while y < bottom:  # strokes to and fro
            draw.line([(left, y), (right, y + rng.uniform(-4, 4))], fill=255, width=round(2 * r))
            y += r * 1.3
    return mask


def _loose(rng: random.Random) -> Image.Image:
    mask = Image.new("L", (SIZE, SIZE))
    draw = ImageDraw.Draw(mask)
    for _ in range(rng.randint(1, 3)):
        x, y = rng.uniform(0, SIZE), rng.uniform(0, SIZE)
        w, h = rng.uniform(10, 60), rng.uniform(10, 60)
        shape = draw.rectangle if rng.random() < 0.5 else draw.ellipse
        shape([x - w / 2, y - h / 2, x + w / 2, y + h / 2], fill=255)
    return mask


def _border(rng: random.Random) -> Image.Image:
    mask = Image.new("L", (SIZE, SIZE))
    side, depth = rng.choice("lrtb"), int(SIZE * rng.uniform(0.2, 0.6))
    box = {"l": (0, 0, depth, SIZE), "r": (SIZE - depth, 0, SIZE, SIZE), "t": (0, 0, SIZE, depth), "b": (0, SIZE - depth, SIZE, SIZE)}[side]
    ImageDraw.Draw(mask).rectangle(box, fill=255)
    return mask


def random_mask(scene: Scene, rng: random.Random) -> tuple[Image.Image, str | None]:
    """A mask, white where to paint, and the name of the thing that it is drawn over, if any."""
    kind = rng.random()
    if scene.things and kind < THING_SHARE:
        thing = rng.choice(scene.things)
        return _over(thing, rng), thing.name
    if scene.extras and kind < THING_SHARE + EXTRA_SHARE:
        thing = rng.choice(scene.extras)
        return _over(thing, rng), thing.name
    if kind > 1 - BORDER_SHARE:
        return _border(rng), None
    return _loose(rng), None
