"""The peer's side of the fill's benchmark: PyPatchMatch, which other programs ship for the same purpose.

    python fill_peer.py

Needs numpy and pypatchmatch. The first line written is `ready` or why it cannot be run. Each line read is a size, a
file of rgb8 bytes and a file of mask bytes; each line written is the seconds taken and the most memory used so far.
"""

import resource
import sys
import time

try:
    import numpy as np
    import patchmatch

    if not patchmatch.patchmatch_available:
        raise ImportError("patchmatch has no native library")
except ImportError as error:
    print(f"not installed: {error}", flush=True)
    sys.exit()
print("ready", flush=True)

# The radius that its examples use, and the programs that ship it.
PATCH_RADIUS = 3

for line in sys.stdin:
    size, picture_file, mask_file = line.rstrip("\n").split("\t")
    side = int(size)
    picture = np.fromfile(picture_file, dtype=np.uint8).reshape(side, side, 3)
    mask = np.fromfile(mask_file, dtype=np.uint8).reshape(side, side)
    patchmatch.set_random_seed(1)
    start = time.perf_counter()
    patchmatch.inpaint(picture, mask, patch_size=PATCH_RADIUS)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{seconds}\t{peak}", flush=True)
