"""Writes trained parts as one Stable Diffusion 1.x .safetensors under the published (LDM) key names."""
from __future__ import annotations

import argparse
import re
from pathlib import Path

import torch
from safetensors.torch import save_file

from networks import new_text, new_unet, new_vae
from scenes import KINDS

RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
          "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}


def unet_key(key: str, layers: int, attention_up: list[bool]) -> str:
    simple = {"conv_in": "input_blocks.0.0", "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
              "conv_norm_out": "out.0", "conv_out": "out.2"}
    for old, new in simple.items():
        if key.startswith(old + "."):
            return new + key[len(old):]
    if m := re.match(r"(down|up)_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.(.+)", key):
        way, level, kind, j, rest = m[1], int(m[2]), m[3], int(m[4]), m[5]
        index = 1 + level * (layers + 1) + j if way == "down" else level * (layers + 1) + j
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


def vae_key(key: str, value: torch.Tensor, levels: int) -> tuple[str, torch.Tensor]:
    key = re.sub(r"down_blocks\.(\d+)\.resnets\.(\d+)", r"down.\1.block.\2", key)
    key = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", key)
    key = re.sub(r"up_blocks\.(\d+)\.resnets\.(\d+)", lambda m: f"up.{levels - 1 - int(m[1])}.block.{m[2]}", key)
    key = re.sub(r"up_blocks\.(\d+)\.upsamplers\.0", lambda m: f"up.{levels - 1 - int(m[1])}.upsample", key)
    key = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", key)
    if "mid_block.attentions.0" in key:
        key = key.replace("mid_block.attentions.0", "mid.attn_1").replace("group_norm", "norm").replace("to_out.0", "proj_out")
        key = re.sub(r"to_([qkv])", r"\1", key)
        if value.ndim == 2:
            value = value[:, :, None, None]
    key = key.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    return key, value


def to_ldm(unet, vae, text) -> dict[str, torch.Tensor]:
    out = {}
    layers = unet.config.layers_per_block
    up = ["CrossAttn" in t for t in unet.config.up_block_types]
    for k, v in unet.state_dict().items():
        out["model.diffusion_model." + unet_key(k, layers, up)] = v
    for k, v in vae.state_dict().items():
        name, value = vae_key(k, v, len(vae.config.block_out_channels))
        out["first_stage_model." + name] = value
    for k, v in text.state_dict().items():
        if not k.endswith("position_ids"):
            out["cond_stage_model.transformer." + k] = v
    return out


def load_parts(work: Path):
    """The averaged networks of a work folder, ready to draw: unet, vae, text."""
    unet, vae, text = new_unet(), new_vae(), new_text()
    trained = torch.load(work / "unet.pt", weights_only=True)
    unet.load_state_dict(trained["unet"])
    text.load_state_dict(trained["text"])
    vae.load_state_dict(torch.load(work / "vae.pt", weights_only=True))
    return unet.eval(), vae.eval(), text.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--out", type=Path, default=Path("inlay-mini.safetensors"))
    args = parser.parse_args()
    tensors = {k: v.half().contiguous() for k, v in to_ldm(*load_parts(args.work)).items()}
    if not all(torch.isfinite(v).all() for v in tensors.values()):
        raise SystemExit("a weight does not fit into float16")
    save_file(tensors, args.out, metadata={
        "modelspec.sai_model_spec": "1.0.1", "modelspec.architecture": "stable-diffusion-v1/inpainting", "modelspec.implementation": "https://github.com/CompVis/stable-diffusion",
        "modelspec.title": "Inlay mini", "modelspec.resolution": "128x128", "modelspec.prediction_type": "v", "modelspec.license": "CC0-1.0",
        "modelspec.description": "Flat-colour landscapes with " + ", ".join(KINDS) + ". Trained on procedural scenes only."})
    print(args.out, f"{sum(v.numel() for v in tensors.values()) / 1e6:.2f} M parameters, {args.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
