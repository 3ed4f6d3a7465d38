"""OpenCV's side of the benchmark of control maps, on one thread.

Each line read is a file of rgb8 bytes, its width and height, both thresholds, whether gradients are measured by their length, and
whether the grey is looked at. Each line written is the seconds taken; the map lies beside the file, as NAME.map.
"""

import sys
import time
from pathlib import Path

try:
    import cv2
    import numpy as np
except ImportError as error:
    print(error, flush=True)
    sys.exit(1)

cv2.setNumThreads(1)
print("ready", flush=True)
for line in sys.stdin:
    file, width, height, low, high, by_length, of_grey = line.rstrip("\n").split("\t")
    picture = np.fromfile(file, np.uint8).reshape(int(height), int(width), 3)
    start = time.perf_counter()
    source = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if of_grey == "1" else picture
    edges = cv2.Canny(source, float(low), float(high), L2gradient=by_length == "1")
    # A map has three channels, as ours has.
    cv2.cvtColor(edges, cv2.COLOR_GRAY2RGB)
    seconds = time.perf_counter() - start
    Path(f"{file}.map").write_bytes(edges.tobytes())
    print(seconds, flush=True)
