"""Writes the trained control network as one .safetensors under the published (cldm) key names."""
from __future__ import annotations

import argparse
import re
from pathlib import Path

import torch
from diffusers import ControlNetModel
from safetensors.torch import save_file

from control import new_control
from networks import new_unet
from published_keys import unet_key


def control_key(key: str, control: ControlNetModel) -> str:
    """The name after "control_model."."""
    name, _, kind = key.rpartition(".")
    if match := re.match(r"controlnet_down_blocks\.(\d+)$", name):
        return f"zero_convs.{match[1]}.0.{kind}"
    if name == "controlnet_mid_block":
        return f"middle_block_out.0.{kind}"
    if match := re.match(r"controlnet_cond_embedding\.(conv_in|conv_out|blocks\.(\d+))$", name):
        blocks = len(control.controlnet_cond_embedding.blocks)
        place = 0 if match[1] == "conv_in" else blocks + 1 if match[1] == "conv_out" else int(match[2]) + 1
        return f"input_hint_block.{2 * place}.{kind}"  # activations lie between
    return unet_key(key, control)


def load_control(work: Path) -> ControlNetModel:
    """The averaged control network of a work folder, ready to draw."""
    control = new_control(new_unet())
    control.load_state_dict(torch.load(work / "control.pt", weights_only=True)["control"])
    return control.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("work"))
    parser.add_argument("--out", type=Path, default=Path("inlay-mini-control-edges.safetensors"))
    args = parser.parse_args()
    control = load_control(args.work)
    tensors = {"control_model." + control_key(k, control): v.half().contiguous() for k, v in control.state_dict().items()}
    if not all(torch.isfinite(v).all() for v in tensors.values()):
        raise SystemExit("a weight does not fit into float16")
    save_file(tensors, args.out, metadata={
        "modelspec.sai_model_spec": "1.0.1", "modelspec.architecture": "stable-diffusion-v1/controlnet", "modelspec.implementation": "https://github.com/lllyasviel/ControlNet",
        "modelspec.title": "Inlay mini edges (canny)", "modelspec.resolution": "128x128", "modelspec.license": "CC0-1.0", "modelspec.date": "2026-11-22",
        "modelspec.description": "Edge (canny) ControlNet for Inlay mini. Trained on procedural scenes and sketches of them only."})
    print(args.out, f"{sum(v.numel() for v in tensors.values()) / 1e6:.2f} M parameters, {args.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
