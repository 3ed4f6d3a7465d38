"""Tiny Stable Diffusion checkpoints whose weights are a hash of their key and place, so that none has to be stored: the
tests make the same bytes from the list of keys alone (`tests/engine/hashed-checkpoint.ts`)."""

from __future__ import annotations

import re

import numpy as np
import torch

RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
          "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}  # fmt: skip
SIMPLE = {"conv_in": "input_blocks.0.0", "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
          "conv_norm_out": "out.0", "conv_out": "out.2"}  # fmt: skip


def unet_key(key: str, layers: int, attention_up: list[bool]) -> str:
    """The published (LDM) name of a tensor of diffusers' UNet2DConditionModel."""
    for old, new in SIMPLE.items():
        if key.startswith(old + "."):
            return new + key[len(old) :]
    if m := re.match(r"(down|up)_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.(.+)", key):
        way, level, kind, j, rest = m[1], int(m[2]), m[3], int(m[4]), m[5]
        index = (1 if way == "down" else 0) + level * (layers + 1) + j
        head = f"{'input' if way == 'down' else 'output'}_blocks.{index}.{0 if kind == 'resnets' else 1}"
    elif m := re.match(r"mid_block\.(resnets|attentions)\.(\d+)\.(.+)", key):
        kind, rest = m[1], m[3]
        head = f"middle_block.{1 if kind == 'attentions' else 2 * int(m[2])}"
    elif m := re.match(r"down_blocks\.(\d+)\.downsamplers\.0\.conv\.(.+)", key):
        return f"input_blocks.{(int(m[1]) + 1) * (layers + 1)}.0.op.{m[2]}"
    elif m := re.match(r"up_blocks\.(\d+)\.upsamplers\.0\.conv\.(.+)", key):
        level = int(m[1])
        return f"output_blocks.{level * (layers + 1) + layers}.{2 if attention_up[level] else 1}.conv.{m[2]}"
    else:
        raise KeyError(key)
    if kind == "resnets":
        part, tail = rest.split(".", 1)
        rest = f"{RESNET[part]}.{tail}"
    return f"{head}.{rest}"


def vae_key(key: str, levels: int) -> str:
    key = re.sub(r"down_blocks\.(\d+)\.resnets\.(\d+)", r"down.\1.block.\2", key)
    key = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", key)
    key = re.sub(r"up_blocks\.(\d+)\.resnets\.(\d+)", lambda m: f"up.{levels - 1 - int(m[1])}.block.{m[2]}", key)
    key = re.sub(r"up_blocks\.(\d+)\.upsamplers\.0", lambda m: f"up.{levels - 1 - int(m[1])}.upsample", key)
    key = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", key)
    if "mid_block.attentions.0" in key:
        key = key.replace("mid_block.attentions.0", "mid.attn_1").replace("group_norm", "norm")
        key = re.sub(r"to_([qkv])", r"\1", key.replace("to_out.0", "proj_out"))
    return key.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")


def shapes_of(unet, vae, text) -> dict[str, list[int]]:
    """Published keys with their shapes, as a single Stable Diffusion 1.x file has them."""
    up = ["CrossAttn" in kind for kind in unet.config.up_block_types]
    shapes = {}
    for key, value in unet.state_dict().items():
        shapes["model.diffusion_model." + unet_key(key, unet.config.layers_per_block, up)] = list(value.shape)
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
