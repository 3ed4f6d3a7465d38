"""Makes opencv.json beside this script: pictures, and what OpenCV makes of them.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python dump.py

Pictures and maps are PNG in base64. `grey` is COLOR_RGB2GRAY; each of `canny` is cv2.Canny with aperture 3 of the picture,
or of that grey; `blurred` is cv2.GaussianBlur of that grey as floats of 0..1, little-endian. All numbers come from one seed.
"""

import base64
import json
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).parent
SEED = 7
# Odd, even, wider than a vector of any processor, a row, a column, a pixel.
SIZES = [(61, 47), (32, 64), (131, 5), (3, 3), (2, 2), (40, 1), (1, 40), (1, 1)]
CANNY = [
    # low, high, L2gradient, of grey
    (100, 200, False, False),
    (100, 200, False, True),
    (100, 200, True, False),
    (100, 200, True, True),
    (0, 0, False, True),
    (10.5, 60.7, False, False),
    (10.5, 60.7, True, False),
    (150, 150, True, True),
    (1000, 1000, False, False),
]

# Few, for the floats are long: an odd size, a row, a pixel.
BLURRED_PICTURES = (2, 5, 7)
SIGMAS = (0.5, 1.6, 5.0)


def floats(plane: np.ndarray) -> str:
    return base64.b64encode(plane.astype("<f4").tobytes()).decode()


def png(image: np.ndarray) -> str:
    ok, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    assert ok
    return base64.b64encode(data).decode()


def scene(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Flat shapes, slopes, edges that are of one brightness, some blurred, and a little noise."""
    image = np.full((height, width, 3), rng.integers(0, 256, 3), np.uint8)
    for _ in range(8):
        centre = tuple(int(v) for v in rng.integers(0, (width, height)))
        size = tuple(int(v) for v in 1 + rng.integers(0, (width // 2 + 1, height // 2 + 1)))
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        cv2.ellipse(image, centre, size, float(rng.integers(0, 180)), 0, 360, colour, -1)
    half = height // 2
    image[half:] = cv2.GaussianBlur(image, (5, 5), 1.5)[half:]
    noise = rng.integers(-6, 7, image.shape)
    noise[:, : width // 2] = 0
    return np.clip(image.astype(int) + noise, 0, 255).astype(np.uint8)


def main():
    rng = np.random.default_rng(SEED)
    pictures = [scene(rng, *size) for size in SIZES]
    # Every value is a gradient, many of them equal.
    pictures.append(rng.integers(0, 256, (24, 24, 3), dtype=np.uint8))
    pictures.append((rng.integers(0, 4, (24, 24, 3)) * 85).astype(np.uint8))
    cases = []
    for rgb in pictures:
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        maps = [
            {
                "lowThreshold": low,
                "highThreshold": high,
                "l2Gradient": int(l2),
                "grey": int(of_grey),
                "map": png(cv2.Canny(grey if of_grey else rgb, low, high, L2gradient=l2)),
            }
            for low, high, l2, of_grey in CANNY
        ]
        case = {"picture": png(rgb[..., ::-1]), "grey": png(grey), "canny": maps}
        if len(cases) in BLURRED_PICTURES:
            plane = grey.astype(np.float32) / 255
            case["blurred"] = [
                {"sigma": sigma, "values": floats(cv2.GaussianBlur(plane, (0, 0), sigma))} for sigma in SIGMAS
            ]
        cases.append(case)
    text = json.dumps({"opencv": cv2.__version__, "seed": SEED, "cases": cases}, indent=1)
    (HERE / "opencv.json").write_text(text + "\n")


main()
