"""Weights that are a function of a tensor's key and shape, the same in synthetic-checkpoint.ts, so that no weights need
to be stored. Each has at most eight significant bits and is exact in float32, float16 and bfloat16."""

import math

import numpy as np


def hash_key(key: str) -> int:
    """FNV-1a, 32 bits."""
    value = 0x811C9DC5
    for byte in key.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def noise(key: str, count: int) -> np.ndarray:
    """uint32 numbers: the finaliser of MurmurHash3 on a counter."""
    with np.errstate(over="ignore"):
        x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(hash_key(key))
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        x = (x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35)
        return x ^ (x >> np.uint32(16))


def weights(key: str, shape: list[int], gain: float = 1) -> np.ndarray:
    """In [-1, 1), times a power of two that keeps a signal's size; vectors are biases near 0 or, as `weight`, scales near 1.
    All but scales are times `gain`, a power of two."""
    bits = noise(key, math.prod(shape))
    if len(shape) < 2:
        small = ((bits >> np.uint32(28)).astype(np.float32) - 8) / 64
        values = small + 1 if key.endswith("weight") else small * np.float32(gain)
    else:
        own = 2.0 ** math.floor(math.log2(1.7 / math.sqrt(math.prod(shape[1:]))) + 0.5)
        values = ((bits >> np.uint32(24)).astype(np.float32) - 128) / 128 * np.float32(own * gain)
    return values.reshape(shape)
