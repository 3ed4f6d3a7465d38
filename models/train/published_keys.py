"""The published (LDM) names of the tensors of diffusers' Stable Diffusion networks."""
from __future__ import annotations

import re

from diffusers import UNet2DConditionModel

RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
          "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}
SIMPLE = {"conv_in": "input_blocks.0.0", "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
          "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
          "conv_norm_out": "out.0", "conv_out": "out.2"}


def unet_key(key: str, unet: UNet2DConditionModel) -> str:
    """The name after "model.diffusion_model."; raises KeyError for what Stable Diffusion has not."""
    per_level = unet.config.layers_per_block + 1
    name, _, kind = key.rpartition(".")
    if name in SIMPLE:
        return f"{SIMPLE[name]}.{kind}"
    if match := re.match(r"down_blocks\.(\d+)\.downsamplers\.0\.conv\.(.+)", key):
        return f"input_blocks.{(int(match[1]) + 1) * per_level}.0.op.{match[2]}"
    if match := re.match(r"up_blocks\.(\d+)\.upsamplers\.0\.conv\.(.+)", key):
        level = int(match[1])
        place = 2 if "CrossAttn" in unet.config.up_block_types[level] else 1
        return f"output_blocks.{(level + 1) * per_level - 1}.{place}.conv.{match[2]}"
    if match := re.match(r"(down|up)_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.(.+)", key):
        way, level, part, index, rest = match[1], int(match[2]), match[3], int(match[4]), match[5]
        block = level * per_level + index + (1 if way == "down" else 0)
        head = f"{'input' if way == 'down' else 'output'}_blocks.{block}.{0 if part == 'resnets' else 1}"
    elif match := re.match(r"mid_block\.(resnets|attentions)\.(\d+)\.(.+)", key):
        part, rest = match[1], match[3]
        head = f"middle_block.{1 if part == 'attentions' else 2 * int(match[2])}"
    else:
        raise KeyError(key)
    if part == "resnets":
        name, tail = rest.split(".", 1)
        rest = f"{RESNET[name]}.{tail}"
    return f"{head}.{rest}"


def vae_key(key: str, levels: int) -> str:
    """The name after "first_stage_model."; the published weights of its attention are 1x1 convolutions, not matrices."""
    key = re.sub(r"down_blocks\.(\d+)\.resnets\.(\d+)", r"down.\1.block.\2", key)
    key = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", key)
    key = re.sub(r"up_blocks\.(\d+)\.resnets\.(\d+)", lambda m: f"up.{levels - 1 - int(m[1])}.block.{m[2]}", key)
    key = re.sub(r"up_blocks\.(\d+)\.upsamplers\.0", lambda m: f"up.{levels - 1 - int(m[1])}.upsample", key)
    key = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", key)
    if "mid_block.attentions.0" in key:
        key = key.replace("mid_block.attentions.0", "mid.attn_1").replace("group_norm", "norm")
        key = re.sub(r"to_([qkv])", r"\1", key.replace("to_out.0", "proj_out"))
    return key.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
