"""Edge maps that a control network learns to follow: white lines on black."""
from __future__ import annotations

import random

import cv2
import numpy as np

from scenes import make_scene
from sketches import sketch_of

THRESHOLDS = (100, 200)  # Canny's, as users get them
PICTURE_SHARE, STROKE_SHARE = 0.5, 0.1  # maps of the picture itself, and a sketch's strokes as they are; the rest are edges of sketches


def edges(picture: np.ndarray, thresholds: tuple[float, float] = THRESHOLDS) -> np.ndarray:
    """OpenCV's Canny of the grey of an 8-bit picture, [height, width] or RGB: [height, width], 0 or 255."""
    return cv2.Canny(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture, *thresholds)


def random_thresholds(rng: random.Random) -> tuple[float, float]:
    if rng.random() < 0.5:
        return THRESHOLDS
    low = rng.uniform(40, 140)
    return low, low * rng.uniform(1.5, 3)


def random_map(seed: int, rng: random.Random) -> np.ndarray:
    """A map of the scene of one seed, [SIZE, SIZE], 0..255."""
    kind = rng.random()
    if kind < PICTURE_SHARE:
        picture = np.asarray(make_scene(seed).image)
        # Others' programs look at each colour for itself, and find a red roof before green trees, which are as dark.
        coloured = rng.random() < 0.5
        return cv2.Canny(picture, *random_thresholds(rng)) if coloured else edges(picture, random_thresholds(rng))
    sketch = sketch_of(seed, rng)
    return 255 - sketch if kind < PICTURE_SHARE + STROKE_SHARE else edges(sketch, random_thresholds(rng))
