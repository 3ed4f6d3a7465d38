"""What every peer's script shares: the line protocol, the clock and the memory.

The first line written is `ready` or why the peer cannot be run. Each line read is width, height, a file of rgb8 bytes, a
file of mask bytes (255 = fill) and the file to write the filled rgb8 bytes to, between tabs; each line written is the
seconds that the fill took and the most memory used meanwhile, in bytes, beyond what was in use before.
"""

import re
import sys
import time

import numpy as np


def serve(fill):
    """`fill(picture, mask)` returns the picture, or the picture and its own seconds and bytes if it knows better."""
    print("ready", flush=True)
    for line in sys.stdin:
        width, height, picture_file, mask_file, result_file = line.rstrip("\n").split("\t")
        shape = (int(height), int(width))
        picture = np.fromfile(picture_file, dtype=np.uint8).reshape(*shape, 3)
        mask = np.fromfile(mask_file, dtype=np.uint8).reshape(shape)
        before = reset_peak()
        start = time.perf_counter()
        try:
            result = fill(picture.copy(), mask.copy())
        except Exception as error:  # A peer that cannot fill this one may still fill the next.
            print(f"failed: {' '.join(str(error).split())}", flush=True)
            continue
        seconds = time.perf_counter() - start
        grown = status_bytes("VmHWM") - before
        if isinstance(result, tuple):
            result, seconds, grown = result
        np.ascontiguousarray(result, dtype=np.uint8).tofile(result_file)
        print(f"{seconds}\t{max(grown, 0)}", flush=True)


def refuse(reason):
    print(f"not installed: {' '.join(str(reason).split())}", flush=True)
    sys.exit()


def reset_peak():
    """Lets Linux forget the most memory used so far; returns what is in use now."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass
    return status_bytes("VmRSS")


def status_bytes(field):
    try:
        with open("/proc/self/status") as file:
            return int(re.search(rf"{field}:\s+(\d+)", file.read()).group(1)) * 1024
    except OSError:
        return 0
