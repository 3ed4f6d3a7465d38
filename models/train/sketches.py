"""Scenes as a hand might sketch them: dark strokes on white along the outlines, wobbly, with gaps, some left out."""
from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np

from scenes import SCALE, SIZE, Colour, draw_scene

FINE = 4  # drawn larger, then reduced, for soft strokes
STEP = 3.0  # px between the points of an outline


@dataclass(frozen=True)
class Outline:
    """A filled shape's edge, closed: points [count, 2] in px of the finished picture."""

    points: np.ndarray
    fill: Colour

    def area(self) -> float:
        return float(cv2.contourArea(self.points.astype(np.float32)))

    def within(self, box: tuple[float, float, float, float], margin: float = 2) -> bool:
        (left, top), (right, bottom) = self.points.min(0), self.points.max(0)
        return left >= box[0] - margin and top >= box[1] - margin and right <= box[2] + margin and bottom <= box[3] + margin


class OutlineRecorder:
    """Takes what is drawn on it as PIL's ImageDraw does, and keeps the outlines."""

    def __init__(self) -> None:
        self.outlines: list[Outline] = []

    def _keep(self, points: list[tuple[float, float]], fill: Colour) -> None:
        self.outlines.append(Outline(np.array(points, np.float64) / SCALE, fill))

    def line(self, *_: object, **__: object) -> None:
        """Gradients are made of lines: nothing to outline."""

    def polygon(self, points: list[tuple[float, float]], fill: Colour) -> None:
        self._keep(points, fill)

    def rectangle(self, box: list[float], fill: Colour) -> None:
        x0, y0, x1, y1 = box
        self._keep([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], fill)

    def ellipse(self, box: list[float], fill: Colour) -> None:
        x0, y0, x1, y1 = box
        self.rounded_rectangle([x0, y0, x1, y1], ((x1 - x0) / 2, (y1 - y0) / 2), fill)

    def rounded_rectangle(self, box: list[float], radius: float | tuple[float, float], fill: Colour) -> None:
        x0, y0, x1, y1 = box
        rx, ry = radius if isinstance(radius, tuple) else (radius, radius)
        corners = ((x1 - rx, y1 - ry, 0), (x0 + rx, y1 - ry, 1), (x0 + rx, y0 + ry, 2), (x1 - rx, y0 + ry, 3))
        self._keep([(x + rx * math.cos(a), y + ry * math.sin(a)) for x, y, quarter in corners
                    for a in ((quarter + i / 6) * math.pi / 2 for i in range(7))], fill)


@dataclass(frozen=True)
class Hand:
    """How somebody draws."""

    width: float  # of strokes, px
    wobble: float  # standard deviation of a stroke's way, px
    shift: float  # standard deviation of a whole outline's place, px
    gaps: float  # chance of an outline to be left open
    skips_detail: float  # chance of a small shape on a thing to be left out
    merges: bool  # neighbouring shapes of one colour get one outline
    horizon: bool
    extras: float  # chance of the sun, a cloud or a mountain to be drawn


def random_hand(rng: random.Random) -> Hand:
    return Hand(width=rng.uniform(1, 3), wobble=rng.uniform(0, 1), shift=rng.uniform(0, 1), gaps=rng.choice((0, 0.3)),
                skips_detail=rng.choice((0, 0.2, 0.6)), merges=rng.random() < 0.8, horizon=rng.random() < 0.6, extras=rng.choice((0, 0.5, 1)))


def _by_hand(points: np.ndarray, hand: Hand, rng: np.random.Generator, closed: bool = True) -> np.ndarray:
    """The same way at even steps, pushed about smoothly."""
    way = np.vstack([points, points[:1]]) if closed else points
    lengths = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))])
    count = max(8, round(lengths[-1] / STEP))
    at = np.linspace(0, lengths[-1], count, endpoint=not closed)
    knots = max(4, count // 4)
    out = []
    for axis in range(2):
        push = rng.normal(0, hand.wobble, knots)
        push = np.append(push, push[0])
        out.append(np.interp(at, lengths, way[:, axis]) + np.interp(np.linspace(0, knots, count), np.arange(knots + 1), push) + rng.normal(0, hand.shift))
    return np.stack(out, 1)


def _pixels(points: np.ndarray) -> np.ndarray:
    return np.round(points * FINE).astype(np.int32)[:, None]


def _stroke(paper: np.ndarray, points: np.ndarray, width: float, closed: bool) -> None:
    cv2.polylines(paper, [_pixels(points)], closed, 0, max(1, round(width * FINE)), cv2.LINE_8)


def _chosen(outlines: list[Outline], boxes: list[tuple[int, int, int, int]], hand: Hand, rng: random.Random) -> list[Outline]:
    """What this hand draws of the outlines; boxes are those of the things."""
    largest = {box: max((o.area() for o in outlines if o.within(box)), default=0) for box in boxes}
    chosen = []
    for outline in outlines:
        box = next((box for box in boxes if outline.within(box)), None)
        chance = hand.extras if box is None else 0.97 if outline.area() > 0.3 * largest[box] else 1 - hand.skips_detail
        if rng.random() < chance:
            chosen.append(outline)
    return chosen


def sketch_of(seed: int, rng: random.Random, hand: Hand | None = None) -> np.ndarray:
    """A sketch of the scene of one seed, [SIZE, SIZE], 8 bit, dark on light."""
    hand = hand or random_hand(rng)
    noise = np.random.default_rng(rng.getrandbits(64))
    recorder = OutlineRecorder()
    things, _, _, _, horizon = draw_scene(recorder, seed)
    paper = np.full((SIZE * FINE, SIZE * FINE), 255, np.uint8)
    if hand.horizon:
        line = np.array([(0, horizon / SCALE), (SIZE, horizon / SCALE)])
        _stroke(paper, _by_hand(line, hand, noise, closed=False), hand.width, closed=False)
    for _, group in groupby(_chosen(recorder.outlines, [thing.box for thing in things], hand, rng), key=lambda o: o.fill if hand.merges else id(o)):
        ways = [_by_hand(outline.points, hand, noise) for outline in group]
        for way in ways:
            start, left_open = rng.randrange(len(way)), rng.random() < hand.gaps
            part = np.roll(way, start, 0)[: round(len(way) * rng.uniform(0.8, 0.95))] if left_open else way
            # What lies behind is hidden, and of each stroke the half within.
            _stroke(paper, part, 2 * hand.width, closed=not left_open)
        for way in ways:
            cv2.fillPoly(paper, [_pixels(way)], 255)
    small = cv2.resize(paper, (SIZE, SIZE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    ink, light = rng.uniform(0, 90), rng.uniform(235, 255)
    return np.round(ink + (light - ink) * small).astype(np.uint8)
