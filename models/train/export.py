"""Writes trained parts as one Stable Diffusion 1.x .safetensors under the published (LDM) key names."""
from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from networks import new_text, new_unet, new_vae
from published_keys import unet_key, vae_key
from scenes import KINDS

def to_ldm(unet, vae, text) -> dict[str, torch.Tensor]:
    out = {}
    for k, v in unet.state_dict().items():
        out["model.diffusion_model." + unet_key(k, unet)] = v
    for k, v in vae.state_dict().items():
        is_attention_matrix = "attentions" in k and v.ndim == 2
        out["first_stage_model." + vae_key(k, len(vae.config.block_out_channels))] = v[:, :, None, None] if is_attention_matrix else v
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
        "modelspec.title": "Inlay mini", "modelspec.resolution": "128x128", "modelspec.prediction_type": "v", "modelspec.license": "CC0-1.0", "modelspec.date": "2026-11-22", "inlay.guidance_scale": "3",
        "modelspec.description": "Flat-colour landscapes with " + ", ".join(KINDS) + ". Trained on procedural scenes only."})
    print(args.out, f"{sum(v.numel() for v in tensors.values()) / 1e6:.2f} M parameters, {args.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
