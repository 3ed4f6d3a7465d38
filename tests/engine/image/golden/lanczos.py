"""Writes lanczos.json: Pillow's float Lanczos of a small pattern, the reference of lanczos.test.ts (pip install pillow)."""
import json
import pathlib
import struct

import PIL
from PIL import Image

WIDTH, HEIGHT = 24, 17
SIZES = [(48, 34), (31, 29), (25, 18), (23, 16), (12, 17), (24, 40), (16, 11)]

pattern = [(x * 9472 + y * 15104 + (x * y) % 23 * 2816) % 65536 for y in range(HEIGHT) for x in range(WIDTH)]
# Mode F: nothing is rounded or clipped between the two passes.
picture = Image.frombytes("F", (WIDTH, HEIGHT), struct.pack(f"{len(pattern)}f", *pattern))


def resized(width, height):
    data = picture.resize((width, height), Image.LANCZOS).tobytes()
    return [round(value, 3) for value in struct.unpack(f"{width * height}f", data)]


cases = [{"width": w, "height": h, "values": resized(w, h)} for w, h in SIZES]
golden = {"pillow": PIL.__version__, "width": WIDTH, "height": HEIGHT, "pattern": pattern, "cases": cases}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
