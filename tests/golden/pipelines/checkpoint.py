"""Tiny Stable Diffusion checkpoints whose weights are a hash of their key and place, so that none has to be stored: the
tests make the same bytes from the list of keys alone (`tests/engine/hashed-checkpoint.ts`)."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.append(str(Path(__file__).parents[3] / "models/train"))

from published_keys import unet_key, vae_key  # noqa: E402


def shapes_of(unet, vae, text) -> dict[str, list[int]]:
    """Published keys with their shapes, as a single Stable Diffusion 1.x file has them."""
    shapes = {}
    for key, value in unet.state_dict().items():
        shapes["model.diffusion_model." + unet_key(key, unet)] = list(value.shape)
    for key, value in vae.state_dict().items():
        shape = list(value.shape)
        is_attention_matrix = "attentions" in key and len(shape) == 2
        name = vae_key(key, len(vae.config.block_out_channels))
        shapes["first_stage_model." + name] = shape + [1, 1] if is_attention_matrix else shape
    for key, value in text.state_dict().items():
        if not key.endswith("position_ids"):
            shapes["cond_stage_model.transformer." + key] = list(value.shape)
    return shapes


def spread_of(key: str, shape: list[int], gains: dict[str, float]) -> tuple[float, float]:
    """(scale, offset) of a tensor's values, which lie evenly in offset ± scale: they keep a signal's size, times the
    gain of the first pattern found in the key."""
    gain = next((value for pattern, value in gains.items() if re.search(pattern, key)), 1.0)
    if len(shape) == 1:
        is_norm = key.endswith("weight")
        return (0.2, 1.0) if is_norm else (0.1 * gain, 0.0)
    if "embedding" in key:
        return (0.5 * gain, 0.0)
    fan_in = int(np.prod(shape[1:]))
    return (gain * (3 / fan_in) ** 0.5, 0.0)


def hashed(key: str, shape: list[int], scale: float, offset: float) -> torch.Tensor:
    """float32: each element from FNV-1a of the key and MurmurHash3's last mix of its place."""
    seed = 2166136261
    for byte in key.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    with np.errstate(over="ignore"):
        x = np.arange(int(np.prod(shape)), dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(seed)
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x85EBCA6B)
        x ^= x >> np.uint32(13)
        x *= np.uint32(0xC2B2AE35)
        x ^= x >> np.uint32(16)
    even = (x >> np.uint32(8)).astype(np.float32) / np.float32(2**23) - np.float32(1)
    return torch.from_numpy(even * np.float32(scale) + np.float32(offset)).reshape(shape)
