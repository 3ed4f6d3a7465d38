"""GIMP's Resynthesizer as "Heal selection" calls it, without GIMP: `python resynthesizer.py LIBRARY`.

LIBRARY is a shared library made from the folder `lib` of its source (docs/benchmarks.md says how). As in the plug-in,
pixels are taken from a band of 50 px around the hole; the engine starts threads of its own.
"""

import ctypes
import sys

import numpy as np
from peer import refuse, serve

BAND = 50
T_RGB = 0


class ImageBuffer(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("width", ctypes.c_uint),
        ("height", ctypes.c_uint),
        ("row_bytes", ctypes.c_size_t),
    ]


class Parameters(ctypes.Structure):
    _fields_ = [
        ("tile_horizontally", ctypes.c_int),
        ("tile_vertically", ctypes.c_int),
        ("match_context_type", ctypes.c_int),
        ("map_weight", ctypes.c_double),
        ("sensitivity_to_outliers", ctypes.c_double),
        ("patch_size", ctypes.c_uint),
        ("max_probe_count", ctypes.c_uint),
    ]


try:
    library = ctypes.CDLL(sys.argv[1])
except (IndexError, OSError) as error:
    refuse(f"the library of Resynthesizer: {error}")
progress = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p)(lambda percent, context: None)


def buffer_of(array):
    return ImageBuffer(array.ctypes.data, array.shape[1], array.shape[0], array.strides[0])


def fill(picture, mask):
    rows, columns = np.nonzero(mask)
    top, left = max(rows.min() - BAND, 0), max(columns.min() - BAND, 0)
    area = np.s_[top : rows.max() + BAND + 1, left : columns.max() + BAND + 1]
    part = np.ascontiguousarray(picture[area])
    hole = np.ascontiguousarray(mask[area])
    parameters = Parameters()
    library.setDefaultParams(ctypes.byref(parameters))
    # What the plug-in passes: 16 neighbours, 500 probes.
    parameters.patch_size, parameters.max_probe_count = 16, 500
    failed = library.imageSynth(
        ctypes.byref(buffer_of(part)),
        ctypes.byref(buffer_of(hole)),
        T_RGB,
        ctypes.byref(parameters),
        progress,
        None,
        ctypes.byref(ctypes.c_int(0)),
    )
    if failed:
        raise RuntimeError(f"imageSynth returned {failed}")
    picture[area] = part
    return picture


serve(fill)
